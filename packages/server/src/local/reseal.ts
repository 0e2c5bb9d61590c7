import { setTimeout as pause } from 'node:timers/promises'
import { masterKeyEntry } from '../admit-master-key.ts'
import type { AuditActor } from '../audit/audit-entry.ts'
import { type BoundSealers, boundSealers } from '../sealing/bound-sealers.ts'
import type { MasterKeys } from '../sealing/master-keys.ts'
import { createSealer, SealError, sealedBeginning } from '../sealing/sealer.ts'
import type { SealedAnswer, SealedMaterial } from '../storage/sealed-rows-repository.ts'
import type { Repositories, Store } from '../storage/store.ts'
import type { System } from '../system.ts'
import { idWindows } from './id-windows.ts'
import { GuardRefusal } from './refusals.ts'

export interface ResealPorts {
  readonly store: Store
  readonly masterKeys: MasterKeys
  readonly system: System
  readonly actor: AuditActor
  /** Of all ids of secrets, how many are behind. */
  onProgress(done: number, total: number): void
}

export interface Resealed {
  readonly secrets: number
  readonly keptAnswers: number
  readonly auditKey: boolean
  /** Secrets whose sealed form no configured key opens: damaged, or moved from elsewhere. */
  readonly unopened: readonly string[]
}

/** A commit of so many holds up the changes of a server for about as long as one of its own. */
const batchRows = 50

/**
 * Seals everything anew under the first key, whatever state it is in, in small transactions, each row only as long as it
 * is what was read. May be broken off anywhere, and run again.
 *
 * What verifiers hold in memory stays true: the material is the same, only its sealed form is another one. So it takes
 * no epoch and no node drops anything; a load that read the old form opens it with the old key, which every node still
 * has.
 */
export async function reseal(ports: ResealPorts): Promise<Resealed> {
  const [{ kid }] = ports.masterKeys
  const own = { ...ports, kid, sealer: boundSealers(createSealer(ports.masterKeys), [kid]) }
  const { count: secrets, unopened } = await resealSecrets(own)
  const keptAnswers = await resealAnswers(own)
  // Last, with the entry that says that it is done: a run that was broken off has yet to come here.
  const auditKey = await resealAuditKey(own)
  return { secrets, keptAnswers, auditKey, unopened }
}

interface OwnPorts extends ResealPorts {
  readonly kid: string
  readonly sealer: BoundSealers
}

/** How rows of one kind are sealed anew. */
interface Kind<Row> {
  open(row: Row): Promise<string>
  seal(text: string, row: Row): Promise<string>
  replace(tx: Repositories, row: Row, sealed: string): Promise<boolean>
}

/** The sealer knows one key to seal with; the transaction that stores what it sealed asks whether that key still may. */
const theOnlyKey = { sealingKeyId: async ([kid = '']: readonly string[]) => kid }

async function resealSecrets(ports: OwnPorts) {
  const { store, sealer, kid } = ports
  const kind: Kind<SealedMaterial> = {
    open: ({ sealed, place }) => sealer.openMaterial(sealed, place),
    seal: (text, { place }) => sealer.sealMaterial(text, place, theOnlyKey),
    replace: (tx, row, sealed) => tx.sealedRows.replaceSecret(row, sealed),
  }
  // Whatever is made from here on is sealed under the new key.
  const last = await store.read.sealedRows.lastSecretId()
  const unopened: string[] = []
  let count = 0
  for (const window of idWindows(last)) {
    const rows = await store.read.sealedRows.otherSecrets(window, sealedBeginning(kid))
    for (let start = 0; start < rows.length; start += batchRows) {
      const batch = rows.slice(start, start + batchRows)
      const done = await resealBatch(ports, batch, kind)
      count += done.count
      unopened.push(...done.unopened.map(({ place }) => place.id))
      ports.onProgress(Number(batch.at(-1)?.place.id), last)
    }
    ports.onProgress(window.until, last)
  }
  return { count, unopened }
}

/** There are those of ten minutes. One that does not open is left to time. */
async function resealAnswers(ports: OwnPorts): Promise<number> {
  const { store, sealer, kid, system } = ports
  const kind: Kind<SealedAnswer> = {
    open: ({ sealed, request }) => sealer.openAnswer(sealed, request),
    seal: (text, { request }) => sealer.sealAnswer(text, request, theOnlyKey),
    replace: (tx, row, sealed) => tx.sealedRows.replaceAnswer(row, sealed),
  }
  await store.read.keptAnswers.deleteExpired(system.nowMs())
  let count = 0
  for (let skip = 0; ; ) {
    const batch = await store.read.sealedRows.otherAnswers(sealedBeginning(kid), skip, batchRows)
    if (batch.length === 0) return count
    const done = await resealBatch(ports, batch, kind)
    count += done.count
    skip += done.unopened.length
  }
}

async function resealAuditKey(ports: OwnPorts): Promise<boolean> {
  const { store, sealer, kid, actor, system } = ports
  const key = await store.read.auditKeys.find()
  if (key === null || key.sealed.startsWith(sealedBeginning(kid))) return false
  const sealed = await sealer.sealAuditKey(await sealer.openAuditKey(key.sealed, key.kid), key.kid, theOnlyKey)
  return store.transaction(async (tx) => {
    await assertMaySeal(tx, kid)
    const isReplaced = await tx.sealedRows.replaceAuditKey(key.sealed, sealed)
    if (isReplaced) await tx.audit.append(masterKeyEntry('master_key.rotated', actor, { kid }), system.nowMs())
    return isReplaced
  })
}

async function resealBatch<Row>(ports: OwnPorts, rows: readonly Row[], { open, seal, replace }: Kind<Row>) {
  const changes = await Promise.all(
    rows.map(async (row) => {
      const text = await unlessUnopened(open(row))
      return { row, sealed: text === null ? null : await seal(text, row) }
    }),
  )
  const startedAtMs = performance.now()
  const count = await ports.store.transaction(async (tx) => {
    await assertMaySeal(tx, ports.kid)
    const replaced: boolean[] = []
    for (const { row, sealed } of changes) replaced.push(sealed !== null && (await replace(tx, row, sealed)))
    return replaced.filter(Boolean).length
  })
  // The lock of the store is not fair: whoever waits for it gets as long as this has taken.
  await pause(performance.now() - startedAtMs)
  return { count, unopened: changes.filter(({ sealed }) => sealed === null).map(({ row }) => row) }
}

/** A key that was rotated away meanwhile, by another command, seals nothing more. */
async function assertMaySeal(tx: Repositories, kid: string): Promise<void> {
  await tx.epoch.lock()
  const isAdmitted = (await tx.masterKeys.all()).some((key) => key.kid === kid && key.state === 'admitted')
  if (!isAdmitted)
    throw new GuardRefusal(`The master key ${kid} may not seal any more`, 'see: cutover master-key status')
}

async function unlessUnopened(opening: Promise<string>): Promise<string | null> {
  try {
    return await opening
  } catch (error) {
    if (error instanceof SealError) return null
    throw error
  }
}
