import classes from './state-badge.module.css'

const tones = {
  active: 'good',
  current: 'good',
  serving: 'good',
  safe: 'good',
  success: 'good',
  verified: 'good',
  retiring: 'warn',
  silent: 'warn',
  overdue: 'warn',
  in_use: 'warn',
  disabled: 'quiet',
  unknown: 'quiet',
  expired: 'gone',
  deleted: 'gone',
  fenced: 'bad',
  failure: 'bad',
  not_verified: 'bad',
} as const

export type BadgeState = keyof typeof tones

/** The state in words; the mark beside it differs in shape as well as in colour. */
export function StateBadge({ state, label = words(state) }: { readonly state: BadgeState; readonly label?: string }) {
  return (
    <span className={`${classes['badge']} ${classes[tones[state]]}`}>
      <span className={classes['mark']} aria-hidden="true" />
      {label}
    </span>
  )
}

const words = (state: BadgeState) => state.replace('_', ' ')
