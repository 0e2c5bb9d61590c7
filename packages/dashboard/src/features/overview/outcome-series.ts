/** From the bottom to the top of a bar. */
export const outcomeSeries = [
  { name: 'verified', color: 'var(--new)' },
  { name: 'unsigned', color: 'var(--fourth)' },
  { name: 'failed', color: 'var(--bad)' },
] as const
