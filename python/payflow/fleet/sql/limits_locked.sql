-- The limits as they are; nobody changes them until this transaction ends.
SELECT rate_per_s, merchant_rates, concurrency_max, batch_size_max FROM fleet FOR UPDATE
