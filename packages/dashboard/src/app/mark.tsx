interface MarkProps {
  readonly size?: number
}

/** Traffic that goes over from one line to the other. */
export function Mark({ size = 24 }: MarkProps) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#4358d6" />
      <path
        d="M6 21h7.5M26 11h-7.5"
        stroke="#fff"
        strokeOpacity=".55"
        strokeWidth="3"
        strokeLinecap="round"
        fill="none"
      />
      <path d="M6 11h5c6 0 4 10 10 10h5" stroke="#fff" strokeWidth="3" strokeLinecap="round" fill="none" />
    </svg>
  )
}
