import { describe, expect, it } from 'vitest'
import type { MasterKeyState } from '../signing-secrets/ports.ts'
import type { KeyStatus, NodeStatus } from './master-key-status.ts'
import { nextStep, type Situation } from './next-step.ts'

function key(kid: string, state: MasterKeyState | 'new', rest: Partial<KeyStatus> = {}): KeyStatus {
  return { kid, state, isConfigured: true, secrets: 0, keptAnswers: 0, auditKey: false, ...rest }
}

function node(nodeId: string, ...keyIds: string[]): NodeStatus {
  return { nodeId, version: '1', keyIds, lacks: [], sealsWith: null, isSilent: false }
}

function situation(keys: readonly KeyStatus[], ...nodes: NodeStatus[]): Situation {
  return { source: 'keys.json', keys, nodes, underOtherKeys: 0, serving: nodes.length === 0 ? 'nobody' : 'somebody' }
}

const old = key('old', 'admitted', { secrets: 3 })

describe('the next step of a rotation', () => {
  it('is a new key, where there is one and everything is under it', () => {
    expect(nextStep(situation([old]))).toMatchObject({ step: 'add' })
    expect(nextStep(situation([old], node('a', 'old')))).toMatchObject({ step: 'add' })
  })

  it('is to restart each node that does not have the new key first', () => {
    for (const state of ['new', 'known', 'admitted'] as const) {
      const keys = [key('young', state), old]
      expect(nextStep(situation(keys, node('a', 'young', 'old'), node('b', 'old'), node('c', 'old', 'young')))).toEqual(
        {
          step: 'restart',
          nodes: ['b', 'c'],
          words:
            'Restart b, c, one after the other, with the keys of keys.json in this order (young first). ' +
            'Then run cutover master-key rotate again.',
        },
      )
    }
  })

  it('is to restart the server where one is running that tells no keys', () => {
    const untold = { ...situation([key('young', 'new'), old]), serving: 'somebody' } as const
    expect(nextStep(untold)).toMatchObject({ step: 'restart', nodes: [] })
  })

  it('is to seal anew once every node has the new key first, or nobody is there', () => {
    for (const state of ['new', 'known', 'admitted'] as const) {
      expect(nextStep(situation([key('young', state), old]))).toMatchObject({ step: 'reseal' })
      const keys = [key('young', state), old]
      expect(nextStep(situation(keys, node('a', 'young', 'old')))).toMatchObject({ step: 'reseal' })
    }
  })

  it.each<[string, Partial<KeyStatus>]>([
    ['a secret', { secrets: 1 }],
    ['an answer', { keptAnswers: 1 }],
    ['the key of the audit log', { auditKey: true }],
  ])('is to seal anew while %s is under a retired key', (_what, rest) => {
    expect(nextStep(situation([key('young', 'admitted'), key('old', 'retired', rest)]))).toMatchObject({
      step: 'reseal',
    })
  })

  it('is to seal anew while an old key may still seal, even if nothing is under it', () => {
    const keys = [key('young', 'admitted'), key('old', 'admitted')]
    expect(nextStep(situation(keys))).toMatchObject({ step: 'reseal' })
  })

  it('is to drop what nothing is under: a retired key, and one that never sealed', () => {
    const keys = [key('young', 'admitted'), key('old', 'retired'), key('spare', 'known'), key('unseen', 'new')]
    expect(nextStep(situation(keys))).toMatchObject({ step: 'drop', keyIds: ['old', 'spare', 'unseen'] })
  })

  it('is to configure what the store needs and this machine lacks', () => {
    const keys = [key('young', 'admitted'), key('old', 'retired', { isConfigured: false })]
    expect(nextStep(situation(keys))).toEqual({
      step: 'configure',
      keyIds: ['old'],
      words: 'Add old to keys.json: the store needs it.',
    })
  })

  it('is to put another key first where the first one was rotated away', () => {
    const keys = [key('old', 'retired', { secrets: 3 }), key('young', 'admitted')]
    expect(nextStep(situation(keys, node('a', 'old', 'young')))).toMatchObject({ step: 'configure', keyIds: ['young'] })
  })
})
