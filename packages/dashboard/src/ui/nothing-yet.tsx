import { EmptyState } from '@mantine/core'
import type { ReactNode } from 'react'

interface NothingYetProps {
  readonly icon: ReactNode
  readonly title: string
  readonly children: ReactNode
  /** The first step. */
  readonly action?: ReactNode
}

/** An empty place tells what to do first. */
export function NothingYet({ icon, title, children, action }: NothingYetProps) {
  return (
    <EmptyState icon={icon} title={title} size="sm" px="md" py="xl">
      <EmptyState.Description maw={440}>{children}</EmptyState.Description>
      {action && <EmptyState.Actions>{action}</EmptyState.Actions>}
    </EmptyState>
  )
}
