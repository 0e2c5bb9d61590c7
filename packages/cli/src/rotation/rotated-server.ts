import { randomBytes } from 'node:crypto'
import { ApiError, type CutoverClient, type SecureModeSecrets } from '@cutover/client'
import { secretFingerprint } from '@cutover/signing'
import { failed } from '../failure.ts'
import type { Creating, Successor } from './rotation-state.ts'

/** The secret that is to go. */
export interface OldSecret {
  readonly id: string
  readonly name: string
  readonly isGone: boolean
  /** Somebody has set its end already. */
  readonly hasEnd: boolean
  /** What it was rotated to before, by whomever. */
  readonly successorId: string | null
}

export type NewSecret = Successor & { readonly secret: string }

/** Who holds the successor that the server speaks of, where the answer that showed it is gone. */
export interface Orphan {
  readonly id: string
  readonly createdAt: string
  readonly wasUsed: boolean
}

/** What a rotation asks of a server, whichever of the two kinds it is. */
export interface RotatedServer {
  /** It tells who still signs with what. */
  readonly tellsUsage: boolean
  old(id: string): Promise<OldSecret>
  /** What has to be known before the successor is asked for, to find out afterwards whether it was made. */
  beforeCreate(old: OldSecret): Promise<Pick<Creating, 'knownIds' | 'successorName'>>
  /** May be sent again. @returns the orphan, where a successor was made and nobody can show it any more */
  create(creating: Creating): Promise<NewSecret | Orphan>
  /** What makes the old one stay until it is deleted. */
  keepOld(id: string): Promise<void>
  delete(id: string): Promise<{ readonly revocationEpoch: number | null }>
}

/** The longest that there is: it only has to last until it is taken back. */
const longestGraceSeconds = 2_592_000

export function cutoverServer({ identitySecrets }: CutoverClient): RotatedServer {
  return {
    tellsUsage: true,

    async old(id) {
      const { name, state, expiresAt, successorId } = await identitySecrets.read(id)
      return { id, name, isGone: state === 'deleted', hasEnd: expiresAt !== null, successorId }
    },

    beforeCreate: async () => ({ knownIds: null, successorName: null }),

    async create({ secretId, idempotencyKey }) {
      try {
        return await identitySecrets.rotate(secretId, { graceSeconds: longestGraceSeconds }, { idempotencyKey })
      } catch (error) {
        if (!(error instanceof ApiError) || error.code !== 'rotation_conflict') throw error
        const { successorId } = await identitySecrets.read(secretId)
        if (successorId === null) throw error
        const { id, createdAt, lastVerifiedAt } = await identitySecrets.read(successorId)
        return { id, createdAt, wasUsed: lastVerifiedAt !== null }
      }
    },

    keepOld: async (id) => void (await identitySecrets.cancelRetirement(id)),

    delete: (id) => identitySecrets.delete(id),
  }
}

/** Intercom has no rotation and no idempotency: what was made is found by a name that nobody else gives. */
export function intercomServer(secrets: SecureModeSecrets): RotatedServer {
  const listed = async () => (await secrets.list()).data
  return {
    tellsUsage: false,

    async old(id) {
      const found = (await listed()).find((each) => each.id === id)
      return { id, name: found?.name ?? '', isGone: found === undefined, hasEnd: true, successorId: null }
    },

    async beforeCreate(old) {
      const name = `${old.name.slice(0, 200)}, rotated ${today()} ${randomBytes(3).toString('hex')}`
      return { knownIds: (await listed()).map(({ id }) => id), successorName: name }
    },

    async create({ secretId, knownIds, successorName }) {
      const all = await listed()
      const old = all.find(({ id }) => id === secretId)
      if (!old || successorName === null) throw failed(`There is no secret ${secretId}`)
      const made = all.find(({ id, name }) => name === successorName && !knownIds?.includes(id))
      // Under this name and since then, it can only be the one whose answer was lost: nobody else has it.
      if (made) await secrets.delete(made.id)
      const { supports_web, supports_ios, supports_android } = old
      const created = await secrets.create({ name: successorName, supports_web, supports_ios, supports_android })
      return {
        id: created.id,
        name: created.name,
        fingerprint: secretFingerprint(created.secret),
        secret: created.secret,
      }
    },

    keepOld: async () => {},

    delete: (id) => secrets.delete(id),
  }
}

function today(): string {
  return new Date().toISOString().slice(0, 10)
}
