"""ISO 4217: the decimal places of every currency's minor unit.

Codes without a minor unit (precious metals, bond units, test and no-currency codes) are left out: nothing is
paid in them. Withdrawn codes stay for the years in which refunds and disputes over old payments still arrive.
"""

from types import MappingProxyType
from typing import Final

__all__ = ["ISO_4217_EXPONENTS"]

_CODES_BY_EXPONENT = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE
        CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD
        HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK
        MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD
        RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH
        USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG
    """,
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}

# Bulgaria took the euro in 2026; Curacao and Sint Maarten took XCG in 2025.
_WITHDRAWN_CODES_BY_EXPONENT = {2: "ANG BGN"}

ISO_4217_EXPONENTS: Final = MappingProxyType(
    {
        code: exponent
        for table in (_CODES_BY_EXPONENT, _WITHDRAWN_CODES_BY_EXPONENT)
        for exponent, codes in table.items()
        for code in codes.split()
    }
)
"""Exponent by currency code."""
