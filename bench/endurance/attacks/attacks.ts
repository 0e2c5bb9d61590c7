import type { Attack } from './attack.ts'
import { badTokens } from './bad-tokens.ts'
import { hostileBodies } from './hostile-bodies.ts'
import { idleConnections } from './idle-connections.ts'
import { largeHeaders } from './large-headers.ts'
import { slowloris } from './slowloris.ts'

interface Described {
  readonly what: string
  readonly attack: Attack
  readonly connections: number
  /** What the server may say to it, besides 503. */
  readonly isRightAnswer: RegExp
}

export const attacks = {
  idle: {
    ...{ what: '10,000 idle connections', attack: idleConnections, connections: 10_000 },
    isRightAnswer: /^(200|cut)$/,
  },
  slowloris: {
    ...{ what: '1000 connections that never end their headers', attack: slowloris, connections: 1000 },
    isRightAnswer: /^(begun|408|cut)$/,
  },
  headers: {
    ...{ what: 'headers of a megabyte', attack: largeHeaders, connections: 4 },
    isRightAnswer: /^(431|cut)$/,
  },
  bodies: {
    ...{ what: 'bodies that are hard to parse', attack: hostileBodies, connections: 1 },
    isRightAnswer: /^(200|400|413|422|cut)$/,
  },
  tokens: {
    ...{ what: 'bad tokens from one address', attack: badTokens, connections: 16 },
    isRightAnswer: /^(401|429)$/,
  },
} satisfies Record<string, Described>

export type AttackName = keyof typeof attacks
