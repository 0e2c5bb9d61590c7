import type { ReactNode } from 'react'
import classes from './facts.module.css'

interface FactsProps {
  readonly facts: readonly (readonly [term: string, value: ReactNode])[]
  /** For values as long as a hash. */
  readonly isWide?: boolean
}

/** Terms and what they are, in columns. */
export function Facts({ facts, isWide = false }: FactsProps) {
  return (
    <dl className={classes['facts']} data-wide={isWide}>
      {facts.map(([term, value]) => (
        <div key={term} className={classes['fact']}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
