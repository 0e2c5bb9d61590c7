import type { AccessToken, Health, IdentitySecret, Node } from '@cutover/contract'
import { describe, expect, it } from 'vitest'
import type { Check } from './check.ts'
import { judgeEnforcement } from './enforcement-checks.ts'
import { judgeNodes } from './node-checks.ts'
import { judgeSecrets } from './secret-checks.ts'
import { judgeClock } from './server-checks.ts'
import { judgeCertificate } from './tls-check.ts'
import { judgeOwnToken, judgeTokens } from './token-checks.ts'

const nowMs = Date.parse('2026-11-21T12:00:00.000Z')
const day = 86_400
const at = (seconds: number) => new Date(nowMs + seconds * 1000).toISOString()
const statusOf = (checks: readonly Check[], id: string) => checks.find((check) => check.id === id)?.status

const secret: IdentitySecret = {
  ...{ id: '12', name: 'Spring', platforms: { web: true, ios: true, android: true }, state: 'active' },
  ...{
    fingerprint: 'sha256:ca32af082f506652',
    createdAt: at(-day),
    createdBy: 'tok_x',
    disabledAt: null,
    enableAt: null,
  },
  ...{ expiresAt: null, deletedAt: null, deletedBy: null, purgeAt: null, ageDays: 1, rotationDueAt: null },
  ...{ lastVerifiedAt: at(-60), successorId: null },
}
const token: AccessToken = {
  ...{ id: 'tok_x', name: 'job', workspaceId: 'ws_x', scopes: ['verify'], environment: null, state: 'active' },
  ...{ createdAt: at(-90 * day), createdBy: 'tok_y', expiresAt: null, rotationDueAt: null, successorId: null },
  ...{ lastUsedAt: at(-60), unusedScopes: [] },
}
const health: Health = {
  ...{ status: 'ok', workspaceId: 'ws_x', tokenName: 'job', environment: null, scopes: ['verify'], expiresAt: null },
}
const node: Node = {
  ...{ id: 'node_a', version: '0.1.0', state: 'serving', startedAt: at(-day), appliedEpoch: 7, behindBy: 0 },
  ...{ leaseMs: 10_000, leaseLeftMs: 9000, masterKeyIds: ['k1', 'k2'] },
}

describe('the clock', () => {
  const judge = (skewSeconds: number) => {
    return judgeClock(new Date(nowMs - skewSeconds * 1000).toUTCString(), {
      sentAtMs: nowMs,
      receivedAtMs: nowMs,
    })
  }

  it.each([
    [0, 'ok'],
    [5, 'ok'],
    [-4, 'ok'],
    [7, 'warning'],
    [-7, 'warning'],
    [299, 'warning'],
    [301, 'problem'],
    [-301, 'problem'],
  ])('that is %i s ahead is %s', (skewSeconds, status) => {
    expect(judge(skewSeconds).status).toBe(status)
  })

  it('that is wrong says by how much and in which direction', () => {
    expect(judge(601).summary).toMatch(
      /^this clock is 10 minutes ahead of the server's: requests that are signed here are refused$/,
    )
    expect(judge(-120).summary).toMatch(/^this clock is \d+ (minute|seconds|minutes) behind the server's: JWTs/)
  })

  it('is not blamed for an answer that took long, nor judged without a time', () => {
    const slow = judgeClock(new Date(nowMs).toUTCString(), { sentAtMs: nowMs - 9000, receivedAtMs: nowMs + 9000 })
    expect(slow.status).toBe('ok')
    expect(judgeClock(null, { sentAtMs: nowMs, receivedAtMs: nowMs }).status).toBe('skipped')
  })
})

it.each([
  [31 * day, null, 'ok'],
  [29 * day, null, 'warning'],
  [-1, null, 'problem'],
  [31 * day, 'CERT_UNTRUSTED', 'problem'],
])('a certificate with %i s left, distrusted as %s, is %s', (leftSeconds, distrust, status) => {
  expect(judgeCertificate({ valid_to: at(leftSeconds) }, { distrust, nowMs }).status).toBe(status)
})

describe('tokens', () => {
  it('of the instance in use are a warning, those of a workspace are none', () => {
    expect(statusOf(judgeOwnToken({ ...health, scopes: ['manage_workspaces'] }, nowMs), 'token')).toBe('warning')
    expect(judgeOwnToken(health, nowMs).map(({ status }) => status)).toEqual(['ok'])
  })

  it.each([
    [15 * day, 'ok'],
    [13 * day, 'warning'],
    [3600, 'problem'],
  ])('that end in %i s are %s', (seconds, status) => {
    expect(statusOf(judgeOwnToken({ ...health, expiresAt: at(seconds) }, nowMs), 'token-end')).toBe(status)
  })

  it('that hold what they do not use are named with it', () => {
    const [check] = judgeTokens([{ ...token, unusedScopes: ['diagnose'] }], nowMs)
    expect(check).toMatchObject({
      id: 'token-scopes',
      status: 'warning',
      summary: expect.stringContaining('"job: diagnose"'),
    })
    expect(statusOf(judgeTokens([{ ...token, unusedScopes: null }], nowMs), 'token-scopes')).toBe('ok')
  })

  it('that may more than their label says are a warning', () => {
    const writer = { ...token, environment: 'development', scopes: ['read_all', 'write_settings'] } as const
    const verifier = { ...token, environment: 'production', scopes: ['verify', 'write_integrators'] } as const
    const checks = judgeTokens(
      [
        { ...writer, scopes: [...writer.scopes] },
        { ...verifier, scopes: [...verifier.scopes] },
      ],
      nowMs,
    )
    expect([statusOf(checks, 'token-development'), statusOf(checks, 'token-production')]).toEqual([
      'warning',
      'warning',
    ])
  })

  it('that end soon are a warning only while they are in use', () => {
    const ending = { ...token, expiresAt: at(13 * day) }
    expect(statusOf(judgeTokens([ending], nowMs), 'tokens-ending')).toBe('warning')
    expect(statusOf(judgeTokens([{ ...ending, lastUsedAt: null }], nowMs), 'tokens-ending')).toBe('ok')
    expect(statusOf(judgeTokens([{ ...ending, state: 'expired' }], nowMs), 'tokens-ending')).toBe('ok')
  })

  it('that are older than the policy allows are a warning', () => {
    expect(statusOf(judgeTokens([{ ...token, rotationDueAt: at(0) }], nowMs), 'tokens-overdue')).toBe('warning')
    expect(statusOf(judgeTokens([{ ...token, rotationDueAt: at(1) }], nowMs), 'tokens-overdue')).toBe('ok')
  })
})

describe('secrets', () => {
  const judge = (fields: Partial<IdentitySecret>, id: string) =>
    statusOf(judgeSecrets([{ ...secret, ...fields }], nowMs), id)

  it('of which there are none, or too many, are a warning', () => {
    expect(statusOf(judgeSecrets([], nowMs), 'secrets')).toBe('warning')
    expect(
      statusOf(
        judgeSecrets(
          Array.from({ length: 10 }, () => secret),
          nowMs,
        ),
        'secrets',
      ),
    ).toBe('ok')
    expect(
      statusOf(
        judgeSecrets(
          Array.from({ length: 11 }, () => secret),
          nowMs,
        ),
        'secrets',
      ),
    ).toBe('warning')
  })

  it('that are overdue from this very moment on are a warning', () => {
    expect(judge({ rotationDueAt: at(0) }, 'secrets-overdue')).toBe('warning')
    expect(judge({ rotationDueAt: at(1) }, 'secrets-overdue')).toBe('ok')
  })

  it('that never verified anything are a warning after a day', () => {
    expect(judge({ lastVerifiedAt: null }, 'secrets-unused')).toBe('warning')
    expect(judge({ lastVerifiedAt: null, createdAt: at(1 - day) }, 'secrets-unused')).toBe('ok')
  })

  it('that are disabled are a warning after a week', () => {
    expect(judge({ state: 'disabled', disabledAt: at(-7 * day) }, 'secrets-disabled')).toBe('warning')
    expect(judge({ state: 'disabled', disabledAt: at(1 - 7 * day) }, 'secrets-disabled')).toBe('ok')
  })

  it('that end within a day are a problem only while somebody uses them', () => {
    const retiring = { state: 'retiring', expiresAt: at(day - 1) } as const
    expect(judge(retiring, 'secrets-ending')).toBe('problem')
    expect(judge({ ...retiring, expiresAt: at(day) }, 'secrets-ending')).toBe('ok')
    expect(judge({ ...retiring, lastVerifiedAt: at(-3600) }, 'secrets-ending')).toBe('ok')
  })

  it('are named, three of them at most', () => {
    const secrets = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ ...secret, name, rotationDueAt: at(-1) }))
    const check = judgeSecrets(secrets, nowMs).find(({ id }) => id === 'secrets-overdue')
    expect(check?.summary).toBe('5 secrets are older than the policy allows: "a", "b", "c" and 2 more')
  })
})

describe('a platform that is not enforced', () => {
  it('is told with what enforcing would reject', () => {
    const readiness = { total: 1000, signedShare: 0.97, unsignedShare: 0.02, failingShare: 0.01 }
    expect(judgeEnforcement('web', 'monitor', readiness)).toEqual({
      id: 'enforcement-web',
      status: 'warning',
      summary:
        'web is not enforced (monitor): what does not verify is allowed; ' +
        'of 1000 in 24 hours 97% verified, 2% came unsigned, 1% wrong',
      remedy: 'have every client sign, then cutover settings set --web enforce',
    })
    expect(judgeEnforcement('web', 'enforce', readiness).status).toBe('ok')
  })
})

describe('nodes', () => {
  it.each([
    ['nodes', { state: 'silent' }, 'warning'],
    ['nodes', { state: 'fenced' }, 'warning'],
    ['nodes-behind', { behindBy: 1 }, 'ok'],
    ['nodes-behind', { behindBy: 2 }, 'warning'],
    ['nodes-version', { version: '0.2.0' }, 'warning'],
    ['master-keys', { masterKeyIds: ['k2', 'k1'] }, 'ok'],
    ['master-keys', { masterKeyIds: ['k2'] }, 'problem'],
    // What does not serve neither opens nor runs anything.
    ['master-keys', { masterKeyIds: ['k2'], state: 'silent' }, 'ok'],
  ] as const)('%s: one with %j beside a good one is %s', (id, fields, status) => {
    const other: Node = { ...node, id: 'node_b', ...(fields as Partial<Node>) } // sound: each names members of a node
    expect(statusOf(judgeNodes([node, other]), id)).toBe(status)
  })
})
