import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chainHash, checkpointText, genesisHash } from './audit-chain.ts'
import type { AuditCheckpoint, AuditPublicKey } from './audit-checkpoint.ts'
import type { CanonicalObject } from './canonical-json.ts'
import { type AuditLogEntry, auditLogLine, verifyAuditLog } from './verify-audit-log.ts'

const size = 40
const key = generateKeyPairSync('ed25519')
const publicKey = jwkOf(key.publicKey)

const log = chain(size)
const lines = log.map(auditLogLine)

/** Sound: the key is an Ed25519 one. */
function jwkOf(of: KeyObject): AuditPublicKey {
  return of.export({ format: 'jwk' }) as unknown as AuditPublicKey
}

function chain(length: number, from: readonly AuditLogEntry[] = []): readonly AuditLogEntry[] {
  const entries = [...from]
  while (entries.length < length) {
    const sequence = entries.length + 1
    const content = {
      sequence,
      timestamp: new Date(Date.UTC(2026, 0, 1) + sequence).toISOString(),
      action: 'identity_secret.created',
      actor: { type: 'access_token', id: 'tok_a', name: 'é' },
      resource: { type: 'identity_secret', id: String(sequence) },
      result: 'success',
      metadata: { name: 'Spring', platforms: { web: true, ios: sequence % 2 === 0 } },
      requestId: null,
      ip: '192.0.2.1',
    }
    entries.push(hashed(content, entries.at(-1)?.hash ?? genesisHash))
  }
  return entries
}

function hashed(content: CanonicalObject & { sequence: number }, previousHash: string): AuditLogEntry {
  return { ...content, previousHash, hash: chainHash(previousHash, content) }
}

function checkpoint(atSize: number, change: Partial<AuditCheckpoint> = {}): AuditCheckpoint {
  const headHash = log[atSize - 1]?.hash ?? genesisHash
  const content = { chain: 'ws_a', size: atSize, headHash, time: '2026-01-01T00:00:00.000Z', ...change }
  const signature = sign(null, Buffer.from(checkpointText(content)), key.privateKey).toString('base64url')
  return { ...content, keyId: 'a', signature, ...change }
}

const whole = { verified: true, size, headHash: log.at(-1)?.hash, checkpointedSize: 0 }

describe('an audit log', () => {
  it('has a fixed form: another implementation gets the same hash', () => {
    expect(log[0]?.hash).toBe('c5e11034d23cd96e555cb8c3aae554eed5854c15f01e3f88332ee53faf54b71c')
  })

  it('verifies as it was exported: entries or lines, at once or one by one', async () => {
    expect(await verifyAuditLog(log)).toEqual(whole)
    expect(await verifyAuditLog(lines)).toEqual(whole)
    expect(
      await verifyAuditLog(
        (async function* () {
          yield* lines
        })(),
      ),
    ).toEqual(whole)
    expect(await verifyAuditLog(`${lines.join('\n')}\n`.split('\n'))).toEqual(whole)
    expect(await verifyAuditLog([])).toEqual({ verified: true, size: 0, headHash: genesisHash, checkpointedSize: 0 })
  })

  it('has lines that every reader of lines takes for one', async () => {
    const separators = 'a\u0085\u2028\u2029\n\r'
    const entry = hashed({ sequence: 1, name: separators }, genesisHash)
    const line = auditLogLine(entry)
    expect(line).toContain('"a\\u0085\\u2028\\u2029\\n\\r"')
    expect(JSON.parse(line)).toEqual(entry)
    expect(await verifyAuditLog([line])).toMatchObject({ verified: true, size: 1 })
    expect(await verifyAuditLog([JSON.stringify(entry)])).toMatchObject({ reason: 'edited' })
  })

  it('that was edited, cut, robbed of an entry or put in another order is found, 1,000 times, at the first such entry', async () => {
    const place = fc.integer({ min: 0, max: size - 1 })
    const tampering = fc.oneof(
      fc.record({ kind: fc.constant('edit'), at: place, with: fc.nat() }),
      fc.record({ kind: fc.constant('remove'), at: place, with: fc.integer({ min: 1, max: 5 }) }),
      fc.record({ kind: fc.constant('swap'), at: place, with: place }),
      fc.record({ kind: fc.constant('cut'), at: place, with: fc.constant(0) }),
      fc.record({ kind: fc.constant('repeat'), at: place, with: place }),
      fc.record({ kind: fc.constant('character'), at: place, with: fc.nat() }),
    )
    const checkpoints = [checkpoint(10), checkpoint(size)]
    const found = new Map<string, number>()
    await fc.assert(
      fc.asyncProperty(tampering, async (tampered) => {
        const changed = tamper(tampered)
        fc.pre(changed.join() !== lines.join())
        const first = changed.findIndex((line, index) => line !== lines[index])
        const result = await verifyAuditLog(changed, { checkpoints, publicKey })
        found.set(tampered.kind, (found.get(tampered.kind) ?? 0) + 1)
        expect(result).toMatchObject({ verified: false, sequence: (first === -1 ? changed.length : first) + 1 })
      }),
      { numRuns: 1000 },
    )
    expect([...found.keys()].sort()).toEqual(['character', 'cut', 'edit', 'remove', 'repeat', 'swap'])
  })
})

interface Tampering {
  readonly kind: string
  readonly at: number
  readonly with: number
}

function tamper({ kind, at, with: other }: Tampering): string[] {
  const line = lines[at] ?? ''
  switch (kind) {
    case 'edit':
      return lines.with(at, JSON.stringify(editedEntry(line, other)))
    case 'remove':
      return lines.toSpliced(at, other)
    case 'swap':
      return lines.with(at, lines[other] ?? '').with(other, line)
    case 'cut':
      return lines.slice(0, at)
    case 'repeat':
      return lines.toSpliced(at, 0, lines[other] ?? '')
    default: {
      const index = other % line.length
      return lines.with(at, `${line.slice(0, index)}${line[index] === '0' ? '1' : '0'}${line.slice(index + 1)}`)
    }
  }
}

/** With one of its values, however deep, become another of the same type. */
function editedEntry(line: string, which: number): unknown {
  const entry = JSON.parse(line)
  const leaves: (() => void)[] = []
  const collect = (holder: Record<string, unknown>) => {
    for (const [name, value] of Object.entries(holder)) {
      if (typeof value === 'object' && value !== null) collect(value as Record<string, unknown>)
      else leaves.push(() => Object.assign(holder, { [name]: otherValue(value) }))
    }
  }
  collect(entry)
  leaves[which % leaves.length]?.()
  return entry
}

function otherValue(value: unknown): unknown {
  if (typeof value === 'string') return value === '' ? 'x' : value.slice(1)
  if (typeof value === 'number') return value + 1
  return typeof value === 'boolean' ? !value : 'x'
}

describe('the reason', () => {
  it.each([
    ['edited', log.with(4, { ...(log[4] as AuditLogEntry), hash: genesisHash }), 5],
    ['edited', lines.with(4, 'no entry'), 5],
    ['edited', lines.with(4, 'null'), 5],
    ['removed', log.toSpliced(4, 2), 5],
    ['removed', log.slice(1), 1],
    ['reordered', log.toSpliced(4, 2, log[5] as AuditLogEntry, log[4] as AuditLogEntry), 5],
    ['reordered', log.with(4, log[9] as AuditLogEntry).with(9, log[4] as AuditLogEntry), 5],
    ['reordered', log.toSpliced(5, 0, log[4] as AuditLogEntry), 6],
  ] as const)('is %s', async (reason, tampered, sequence) => {
    const found = { verified: false, reason, sequence, checkpointedSize: 0 }
    expect(await verifyAuditLog(tampered)).toEqual(found)
  })

  it('is edited for an entry that was hashed anew alone: the one after it does not follow from it', async () => {
    const { previousHash, hash: _, ...content } = log[4] as AuditLogEntry & CanonicalObject
    const forged = log.with(4, hashed({ ...content, sequence: 5, result: 'failure' }, previousHash))
    expect(await verifyAuditLog(forged)).toMatchObject({ reason: 'edited', sequence: 6 })
  })

  it('is edited for a line with a member twice, which some readers would take for another entry', async () => {
    const twice = lines.with(2, (lines[2] ?? '').replace('{', '{"action":"workspace.deleted",'))
    expect(await verifyAuditLog(twice)).toMatchObject({ reason: 'edited', sequence: 3 })
  })
})

describe('a checkpoint', () => {
  it('shows a cut tail, which the chain alone does not', async () => {
    const cut = log.slice(0, 30)
    expect(await verifyAuditLog(cut)).toMatchObject({ verified: true, size: 30, checkpointedSize: 0 })
    const checkpoints = [checkpoint(35), checkpoint(20)]
    const found = { verified: false, sequence: 31, reason: 'cut_off', checkpointedSize: 20 }
    expect(await verifyAuditLog(cut, { checkpoints, publicKey })).toEqual(found)
    expect(await verifyAuditLog([], { checkpoints })).toMatchObject({ sequence: 1, reason: 'cut_off' })
  })

  it('shows a log that was altered and hashed anew from there on', async () => {
    const rewritten = chain(size, log.slice(0, 14).concat(hashed({ sequence: 15 }, log[13]?.hash ?? '')))
    expect(await verifyAuditLog(rewritten)).toMatchObject({ verified: true })
    const checkpoints = [checkpoint(10), checkpoint(20), checkpoint(30)]
    const found = { verified: false, sequence: 20, reason: 'rewritten', checkpointedSize: 10 }
    expect(await verifyAuditLog(rewritten, { checkpoints })).toEqual(found)
  })

  it('vouches for everything before it, and for nothing after it', async () => {
    const checkpoints = [checkpoint(0), checkpoint(25), checkpoint(25)]
    expect(await verifyAuditLog(log, { checkpoints, publicKey })).toEqual({ ...whole, checkpointedSize: 25 })
    const rewritten = chain(size, log.slice(0, 30).concat(hashed({ sequence: 31 }, log[29]?.hash ?? '')))
    expect(await verifyAuditLog(rewritten, { checkpoints })).toMatchObject({ verified: true, checkpointedSize: 25 })
  })

  it.each([
    ['another time', { time: '2026-01-01T00:00:00.001Z' }],
    ['another chain', { chain: 'ws_b' }],
    ['another size', { size: 21 }],
  ])('that was given %s after it was signed does not count', async (_what, change) => {
    const forged = { ...checkpoint(20), ...change }
    const found = { verified: false, sequence: forged.size, reason: 'checkpoint_signature', checkpointedSize: 0 }
    expect(await verifyAuditLog(log, { checkpoints: [forged], publicKey })).toEqual(found)
  })

  it('that another key signed, or nobody, does not count, also when it is of a longer log', async () => {
    const stranger = jwkOf(generateKeyPairSync('ed25519').publicKey)
    const found = { verified: false, sequence: 20, reason: 'checkpoint_signature', checkpointedSize: 0 }
    expect(await verifyAuditLog(log, { checkpoints: [checkpoint(20)], publicKey: stranger })).toEqual(found)
    for (const signature of ['', 'AA', ` ${checkpoint(20).signature}`]) {
      expect(await verifyAuditLog(log, { checkpoints: [checkpoint(20, { signature })], publicKey })).toEqual(found)
      const longer = checkpoint(size + 1, { headHash: genesisHash, signature })
      const last = { verified: false, sequence: size + 1, reason: 'checkpoint_signature', checkpointedSize: 0 }
      expect(await verifyAuditLog(log, { checkpoints: [longer], publicKey })).toEqual(last)
    }
  })

  it('that is none, or of another chain than the others, is a mistake of the caller’s', async () => {
    for (const wrong of [{ size: -1 }, { size: 1.5 }, { headHash: 'x' }]) {
      const checkpoints = [{ ...checkpoint(20), ...wrong }]
      await expect(verifyAuditLog(log, { checkpoints })).rejects.toThrow(TypeError)
    }
    const checkpoints = [checkpoint(20), checkpoint(20, { chain: 'ws_b' })]
    await expect(verifyAuditLog(log, { checkpoints })).rejects.toThrow('more than one chain')
  })
})
