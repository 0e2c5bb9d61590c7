import type { Random } from '../../test-support/random.ts'
import type { Cluster } from './cluster.ts'
import type { Moment } from './moment.ts'
import type { Node } from './node.ts'
import type { Direction } from './store-link.ts'

export interface Scene {
  readonly cluster: Cluster
  readonly random: Random
  /** At which deletes are to be asked for. */
  readonly moment: Moment
  /** After so long nobody has a lease any more that was granted before. */
  readonly waitMs: number
  /** A good moment to see what it accepts. */
  hasJoined(node: Node): void
  /** Cut short when nobody needs the rest of the run. */
  pause(milliseconds: number): Promise<void>
  isCutShort(): boolean
}

/** What it does to one node, or to the store; it is over when the promise resolves, and leaves everything as it was. */
interface FaultOn<Target> {
  readonly name: string
  run(scene: Scene, target: Target, durationMs: number): Promise<void>
}

export type NodeFault = FaultOn<Node>
export type StoreFault = FaultOn<null>

/** A node waits half a second for what its lease depends on. */
const justInTimeMs = 440

const bothWays: readonly Direction[] = ['to the store', 'from the store']

/** What keeps a node from answering, so that a change has to outwait it. */
export const deadNode: ReadonlySet<string> = new Set([
  'stopped',
  'stopped over a slow link',
  'killed',
  'cut off from the store',
  'cut off on the way to the store',
  'cut off on the way from the store',
  'answers late, then cut off',
])

export const nodeFaults: readonly NodeFault[] = [
  {
    name: 'stopped',
    run: async (scene, node, durationMs) => {
      node.pause()
      scene.moment.strike()
      await scene.pause(durationMs)
      node.goOn()
    },
  },
  {
    // In the middle of something: what it has asked for, a lease perhaps, is answered while it stands still, and what
    // it asks then takes its time.
    name: 'stopped over a slow link',
    run: async (scene, node, durationMs) => {
      node.link.slow(() => scene.random.between(60, 160), ...bothWays)
      await scene.pause(600)
      node.pause()
      scene.moment.strike()
      await scene.pause(scene.waitMs + durationMs / 4)
      node.goOn()
      await scene.pause(600)
      node.link.heal()
    },
  },
  {
    name: 'killed',
    run: async (scene, node) => {
      await node.end('SIGKILL')
      await scene.pause(scene.random.between(0, 1500))
      await node.start()
      scene.hasJoined(node)
    },
  },
  {
    name: 'told to end',
    run: async (scene, node) => {
      await node.end('SIGTERM')
      await node.start()
      scene.hasJoined(node)
    },
  },
  {
    name: 'joining over a slow link',
    run: async (scene, node) => {
      const { random } = scene
      await node.end(random.pick(['SIGKILL', 'SIGTERM']))
      node.link.slow(() => random.between(25, 45), ...bothWays)
      await node.start()
      scene.hasJoined(node)
      await scene.pause(2000)
      node.link.heal()
    },
  },
  {
    // A lease that was granted a while ago is the last that it hears of.
    name: 'answers late, then cut off',
    run: async (scene, { link }) => {
      for (let count = 0; count < 4 && !scene.isCutShort(); count += 1) {
        await Promise.race([link.cutAnswerToRenewal(), scene.pause(scene.waitMs)])
        scene.moment.strike()
        await scene.pause(scene.random.pick([justInTimeMs, 1500]))
        link.release()
        await scene.pause(scene.waitMs)
        link.heal()
        await scene.pause(scene.random.between(600, 1000))
      }
    },
  },
  { name: 'cut off from the store', run: cutOff(...bothWays) },
  { name: 'cut off on the way to the store', run: cutOff('to the store') },
  { name: 'cut off on the way from the store', run: cutOff('from the store') },
  {
    name: 'a slow link',
    run: async (scene, node, durationMs) => {
      const { random } = scene
      const slowestMs = random.pick([30, 150, 600])
      node.link.slow(() => random.between(0, slowestMs), ...random.pick([bothWays, ['from the store'] as const]))
      await scene.pause(durationMs)
      node.link.heal()
    },
  },
  {
    // Up to what a node waits for an answer, and longer.
    name: 'a link that is slow on the way from the store',
    run: async (scene, { link }, durationMs) => {
      const delayMs = scene.random.pick([200, justInTimeMs, 1500])
      link.slow(() => delayMs, 'from the store')
      await scene.pause(durationMs + scene.waitMs)
      link.heal()
    },
  },
  {
    name: 'connections reset',
    run: async (scene, { link }, durationMs) => {
      for (let count = 0; count < 5; count += 1) {
        link.reset()
        await scene.pause(durationMs / 5)
      }
    },
  },
]

/** Where its wall clock can be set. */
export const clockFault: NodeFault = {
  name: 'wall clock set',
  run: async (scene, node, durationMs) => {
    node.clock?.setOff(scene.random.pick([-600, -60, 60, 600]))
    // It is looked at once a second.
    await scene.pause(1100 + durationMs)
    node.clock?.setOff(0)
    await scene.pause(1100)
  },
}

export const storeFaults: readonly StoreFault[] = [
  { name: 'the store restarted', run: ({ cluster }) => cluster.store.server.restart() },
  {
    name: 'the store killed',
    run: async (scene) => {
      const { cluster, random } = scene
      await cluster.store.server.killHard()
      await scene.pause(random.between(0, 1500))
      await cluster.store.server.start()
    },
  },
  {
    name: 'the store stands still',
    run: async (scene, _target, durationMs) => {
      const goOn = await scene.cluster.freezeStore()
      await scene.pause(durationMs)
      goOn()
    },
  },
  {
    name: 'the store is slow',
    run: async (scene, _target, durationMs) => {
      const { cluster, random } = scene
      for (const { link } of cluster.nodes) link.slow(() => random.between(0, 400), ...bothWays)
      await scene.pause(durationMs)
      for (const { link } of cluster.nodes) link.heal()
    },
  },
]

/** What no node may even be unavailable for. */
export const harmless: readonly StoreFault[] = [
  {
    name: 'notifications lost',
    run: (scene, _target, durationMs) =>
      scene.cluster.inStore(async (client) => {
        const listeners = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'listen %'`
        for (const isOver = after(durationMs, scene); !isOver(); await scene.pause(100)) {
          await client.query(listeners)
        }
      }),
  },
  {
    name: 'notifications too many',
    run: (scene, _target, durationMs) =>
      scene.cluster.inStore(async (client) => {
        for (const isOver = after(durationMs, scene); !isOver(); await scene.pause(5)) {
          await client.query('NOTIFY cutover_changes')
        }
      }),
  },
  {
    // As if they were pruned before anybody has read them.
    name: 'changes gone at once',
    run: (scene, _target, durationMs) =>
      scene.cluster.inStore(async (client) => {
        await client.query(
          `CREATE OR REPLACE FUNCTION prune() RETURNS trigger LANGUAGE plpgsql AS
           'BEGIN DELETE FROM changes WHERE epoch = NEW.epoch; RETURN NULL; END'`,
        )
        await client.query('CREATE TRIGGER prune AFTER INSERT ON changes FOR EACH ROW EXECUTE FUNCTION prune()')
        await scene.pause(Math.max(durationMs, 1500))
        await client.query('DROP TRIGGER prune ON changes')
      }),
  },
  {
    // As by a node that stands still in the middle of a change.
    name: 'the lock of the epoch held',
    run: (scene, _target, durationMs) =>
      scene.cluster.inStore(async (client) => {
        await client.query('BEGIN')
        await client.query('SELECT value FROM revocation_epoch FOR UPDATE')
        await scene.pause(Math.min(durationMs, 800))
        await client.query('ROLLBACK')
      }),
  },
]

function cutOff(...directions: Direction[]): NodeFault['run'] {
  return async (scene, { link }, durationMs) => {
    link.cut(...directions)
    scene.moment.strike()
    await scene.pause(durationMs)
    if (scene.random.chance(0.5)) link.reset()
    link.heal()
  }
}

function after(durationMs: number, scene: Scene): () => boolean {
  const untilMs = performance.now() + durationMs
  return () => scene.isCutShort() || performance.now() >= untilMs
}
