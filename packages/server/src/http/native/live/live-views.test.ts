import { Writable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { LookupPool } from '../../../lookup-pool.ts'
import { EventStream } from '../../event-stream.ts'
import { type LiveView, LiveViews, type ViewerPorts } from './live-views.ts'
import { SharedViews } from './shared-views.ts'

const times = { everyMs: 1, repeatMs: 0, lifeMs: 60_000, stalledMs: 60_000 }

function viewer(sink: Writable, more: Partial<ViewerPorts> = {}): ViewerPorts {
  const stream = new EventStream({ retryMs: 1, sink })
  stream.body.pipe(sink)
  const view: LiveView = { id: '1', data: 'x'.repeat(10_000), gist: 'x' }
  return {
    ...{ stream, tokenId: 'tok_a', subject: 's', make: async () => view },
    ...{ mayGoOn: async () => 'yes', isStillSo: () => true },
    ...more,
  }
}

/** Takes everything, and remembers it. */
function reader() {
  const taken: string[] = []
  const sink = new Writable({
    write(chunk, _encoding, done) {
      taken.push(String(chunk))
      done()
    },
  })
  return { sink, taken, events: () => taken.join('').split('event: cutover').length - 1 }
}

/** Takes the first byte of nothing. */
const stuck = () => new Writable({ highWaterMark: 1, write() {} })

describe('a live view', () => {
  it('whose reader takes nothing holds no event back, and is cut off after a while', async () => {
    const views = new LiveViews({ ...times, stalledMs: 50 })
    const ports = viewer(stuck())
    views.open(ports)
    let most = 0
    while (!ports.stream.body.destroyed) {
      most = Math.max(most, ports.stream.body.readableLength)
      await pause(1)
    }
    expect(most).toBeLessThan(100)
    await expect.poll(() => views.size.streams).toBe(0)
  })

  it('sends again what did not change only after a while, and at once what did', async () => {
    const views = new LiveViews({ ...times, repeatMs: 60_000 })
    const { sink, events } = reader()
    let gist = 'a'
    let made = 0
    const make = async () => {
      made += 1
      return { id: '1', data: '{}', gist }
    }
    const ports = viewer(sink, { make })
    views.open(ports)
    await expect.poll(() => made).toBeGreaterThan(5)
    expect(events()).toBe(1)
    gist = 'b'
    await expect.poll(events).toBe(2)
    ports.stream.cut()
  })

  it('waits while nobody can tell whether it may go on, and while no view can be made', async () => {
    const views = new LiveViews(times)
    const { sink, events } = reader()
    let answer: 'later' | 'yes' | 'no' = 'later'
    let asked = 0
    const ports = viewer(sink, {
      async mayGoOn() {
        asked += 1
        if (asked === 2) throw new Error('the store does not answer')
        return answer
      },
    })
    views.open(ports)
    await expect.poll(() => asked).toBeGreaterThan(5)
    expect(events()).toBe(0)
    answer = 'yes'
    await expect.poll(events).toBeGreaterThan(0)
    answer = 'no'
    await expect.poll(() => ports.stream.body.destroyed).toBe(true)
  })

  it('sends nothing that is not true any more when it would go out', async () => {
    const views = new LiveViews(times)
    const { sink, events } = reader()
    let asked = 0
    const ports = viewer(sink, {
      isStillSo: () => {
        asked += 1
        return false
      },
    })
    views.open(ports)
    await expect.poll(() => asked).toBeGreaterThan(5)
    expect(events()).toBe(0)
    ports.stream.cut()
  })

  it('is one of 500 of a process', async () => {
    const views = new LiveViews(times)
    const opened = Array.from({ length: 500 }, (_, at) => viewer(reader().sink, { tokenId: `tok_${at % 25}` }))
    for (const ports of opened) {
      views.assertRoomFor(ports.tokenId)
      views.open(ports)
    }
    expect(() => views.assertRoomFor('tok_new')).toThrow('too_many_streams')
    opened[0]?.stream.cut()
    await expect.poll(() => views.size.streams).toBe(499)
    views.assertRoomFor('tok_new')
    expect(() => views.assertRoomFor('tok_1')).toThrow('rate_limit_exceeded')
    views.stop()
  })

  it('ends when the process stops, in the middle where it is not taken, and none begins any more', async () => {
    const views = new LiveViews(times)
    const sinks = { willing: reader().sink, unwilling: stuck() }
    const [willing, unwilling] = [viewer(sinks.willing), viewer(sinks.unwilling)]
    const whole: EventStream[] = []
    for (const ports of [willing, unwilling]) {
      ports.stream.body.once('end', () => whole.push(ports.stream))
      views.open(ports)
    }
    await expect.poll(() => sinks.unwilling.writableLength).toBeGreaterThan(0)
    await expect.poll(() => willing.stream.isDrained).toBe(true)
    views.stop()
    await expect.poll(() => [willing.stream.body.destroyed, unwilling.stream.body.destroyed]).toEqual([true, true])
    expect(whole).toEqual([willing.stream])
    expect(() => views.assertRoomFor('tok_a')).toThrow('too_many_streams')
  })
})

describe('shared views', () => {
  it('are made once for all who watch, shown at once to whoever comes later, and not at all when nobody does', async () => {
    const shared = new SharedViews<number>({ everyMs: 1, pool: new LookupPool({ running: 1, waiting: 10 }) })
    let made = 0
    const make = async () => {
      made += 1
      return made
    }
    const seen: unknown[][] = [[], [], []]
    const leave = seen.map((of) => shared.watch('s', (view) => of.push(view), make))
    await expect.poll(() => seen[0]?.length).toBeGreaterThan(3)
    expect(made).toBe(seen[0]?.length)
    expect(seen[1]).toEqual(seen[0])
    const late: unknown[] = []
    leave.push(shared.watch('s', (view) => late.push(view), make))
    expect(late).toEqual([made])
    for (const each of leave) each()
    await expect.poll(() => shared.size).toBe(0)
    const before = made
    await pause(20)
    expect(made).toBe(before)
  })
})
