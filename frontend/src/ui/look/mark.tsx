/** The mark: a payment that goes out and comes back. */
export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="7" fill="#24398f" />
      <path
        d="M8 10.5h9.5a5 5 0 0 1 0 10H13"
        fill="none"
        stroke="#fff"
        strokeWidth="2.6"
        strokeLinecap="round"
      />
      <path d="M8 15.5h7M8 20.5v3" fill="none" stroke="#ffb86b" strokeWidth="2.6" strokeLinecap="round" />
    </svg>
  );
}
