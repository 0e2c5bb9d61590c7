import type { Scope } from '@cutover/contract'
import {
  IconAdjustments,
  IconFlask,
  IconKey,
  IconLayoutDashboard,
  IconListDetails,
  IconLock,
  IconPlugConnected,
  IconShieldLock,
} from '@tabler/icons-react'
import { NavLink } from 'react-router'
import { allows, scopeWords } from './scopes.ts'
import { useOpenSession } from './session-store.ts'
import classes from './shell.module.css'

const places = [
  { to: '/', label: 'Overview', icon: IconLayoutDashboard, scopes: ['read_secure_mode_secret'] },
  { to: '/secrets', label: 'Secrets', icon: IconShieldLock, scopes: ['read_secure_mode_secret'] },
  { to: '/try-it', label: 'Try it', icon: IconFlask, scopes: ['diagnose', 'verify'] },
  { to: '/integrators', label: 'Integrators', icon: IconPlugConnected, scopes: ['read_integrators'] },
  { to: '/access-tokens', label: 'Access tokens', icon: IconKey, scopes: ['read_access_tokens'] },
  { to: '/audit-log', label: 'Audit log', icon: IconListDetails, scopes: ['read_audit_log'] },
  { to: '/settings', label: 'Settings', icon: IconAdjustments, scopes: ['read_settings'] },
] as const satisfies readonly { readonly scopes: readonly Scope[]; readonly [other: string]: unknown }[]

/** Every page is named; one that the token may not see says so with a lock, and on itself why. */
export function Navigation() {
  return (
    <nav aria-label="Pages">
      {places.map((place) => (
        <Place key={place.to} {...place} />
      ))}
    </nav>
  )
}

function Place({ to, label, icon: Icon, scopes }: (typeof places)[number]) {
  const { holder } = useOpenSession()
  const isLocked = !scopes.some((scope) => allows(holder.scopes, scope))
  const why = `Needs ${scopes.map((scope) => `${scope} (${scopeWords[scope]})`).join(' or ')}`
  return (
    <NavLink
      to={to}
      end={to === '/'}
      className={`${classes['link']} ${isLocked ? classes['locked'] : ''}`}
      {...(isLocked ? { title: why } : {})}
    >
      <Icon size={17} stroke={1.7} aria-hidden="true" />
      {label}
      {isLocked && <IconLock size={13} className={classes['lock'] ?? ''} aria-label="not allowed for this token" />}
    </NavLink>
  )
}
