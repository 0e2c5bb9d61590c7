import type { Scope } from '@cutover/contract'
import { Text } from '@mantine/core'
import { IconLock } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { allows, scopeWords } from '../app/scopes.ts'
import { useOpenSession } from '../app/session-store.ts'
import classes from './missing-scope.module.css'

export function useAllows(): (scope: Scope) => boolean {
  const { scopes } = useOpenSession().holder
  return (scope) => allows(scopes, scope)
}

/** Its children where the token has the scope; otherwise the reason why they are not there. */
export function Requires({
  scope,
  to,
  children,
}: {
  readonly scope: Scope
  readonly to: string
  readonly children: ReactNode
}) {
  return useAllows()(scope) ? children : <MissingScope scope={scope} to={to} />
}

export function MissingScope({ scope, to }: { readonly scope: Scope; readonly to: string }) {
  return (
    <div className={classes['notice']}>
      <IconLock size={18} aria-hidden="true" className={classes['lock'] ?? ''} />
      <div>
        <Text size="sm" fw={500}>
          This token may not {to}
        </Text>
        <Text size="sm" c="dimmed">
          It lacks the scope <code>{scope}</code>: {lowered(scopeWords[scope])}. Sign in with a token that has it.
        </Text>
      </div>
    </div>
  )
}

/** In place of the buttons that are not there. */
export function ReadOnlyNote({ scope }: { readonly scope: Scope }) {
  if (useAllows()(scope)) return null
  return (
    <Text size="xs" c="dimmed">
      <IconLock size={12} aria-hidden="true" /> Read only: this token lacks <code>{scope}</code>
    </Text>
  )
}

const lowered = (text: string) => text.charAt(0).toLowerCase() + text.slice(1)
