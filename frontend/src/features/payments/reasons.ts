/** What the payment machine means by its reasons, for people who read a timeline and not its source. */
const REASONS: Readonly<Record<string, string>> = {
  applied: "Applied.",
  payment_created: "Applied, and created the payment.",
  late_authorization: "Applied: an authorization that had failed came through after all.",
  success_reversed: "Applied: a success was taken back by the provider.",
  stage_end_recorded: "Applied: how an earlier stage of the dispute ended.",
  detail_updated: "Applied: a detail changed, no money moved.",
  event_seen: "The same event with the same content had been handled before.",
  rank_not_higher: "The operation already stood this far or further.",
  amount_missing: "It moves money and names no amount.",
  amount_out_of_range: "The amount is not between 1 and 2^53-1 minor units.",
  dispute_missing: "A dispute update without stage and status says nothing.",
  event_id_reused_with_other_payload: "The event id was used before with other content.",
  operation_kind_differs: "The operation id belongs to an operation of another kind.",
  operation_amount_differs: "The operation is known with another amount.",
  operation_currency_differs: "The operation is known in another currency.",
  operation_parent_differs: "The operation is known under another parent.",
  dispute_end_contradicts: "This stage of the dispute already ended otherwise.",
  merchant_differs: "The payment belongs to another merchant.",
  currency_differs: "The payment is in another currency.",
  exponent_differs: "The payment counts its currency with another number of decimals.",
  exceeds_gross_authorized: "More than was ever authorized, from a source that never adjusts.",
  source_not_adjustable: "An adjustment from a source that never adjusts.",
  sum_exceeds_limit: "A sum would pass 2^53-1 minor units.",
  payment_unknown: "Waits for the payment to be created.",
  authorization_unknown: "Waits for its authorization.",
  authorization_not_succeeded: "Waits for the authorization to succeed.",
  capture_unknown: "Waits for a capture.",
  parent_unknown: "Waits for the operation that it refers to.",
  parent_not_succeeded: "Waits for the operation that it refers to, to succeed.",
  capture_exceeds_authorized: "Waits: more than what is authorized and left.",
  release_exceeds_authorized: "Waits: more than what is authorized and left.",
  adjustment_below_captured: "Waits: the new total does not cover what is captured and released.",
  refund_exceeds_captured: "Waits: more than was captured and not yet refunded.",
  reinstatement_exceeds_disputed: "Waits: more than is withdrawn.",
};

/** The reason in a sentence; a reason that is not known here is shown as the server names it. */
export function reasonText(reason: string): string {
  return REASONS[reason] ?? `${reason.replaceAll("_", " ")}.`;
}
