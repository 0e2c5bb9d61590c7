import { LookupPool } from '../../../lookup-pool.ts'
import type { EventStream } from '../../event-stream.ts'
import { Refusal } from '../../refusal.ts'
import { SharedViews } from './shared-views.ts'

/** As it goes out, made once for all who watch. */
export interface LiveView {
  readonly id: string
  readonly data: string
  /** Equal when nothing changed that is worth an event. */
  readonly gist: string
}

export interface LiveViewTimes {
  readonly everyMs: number
  /** A view in which nothing changed is sent again after so long. */
  readonly repeatMs: number
  /** A stream ends by itself after so long, and its client comes back. */
  readonly lifeMs: number
  /** A reader that takes nothing for so long is cut off. */
  readonly stalledMs: number
}

const defaultTimes: LiveViewTimes = { everyMs: 2000, repeatMs: 15_000, lifeMs: 900_000, stalledMs: 30_000 }

const mostOfToken = 20
const most = 500
const retryAfterSeconds = 5

export interface ViewerPorts {
  readonly stream: EventStream
  readonly tokenId: string
  readonly subject: string
  make(): Promise<LiveView | 'gone'>
  /** Asked before each event: `later` when it cannot be told just now, `no` when the stream is to end. */
  mayGoOn(): Promise<'yes' | 'no' | 'later'>
  /** Asked right before an event goes out, without a wait in between. */
  isStillSo(): boolean
}

/** The streams of this process: so many at most, and none any more once it stops. */
export class LiveViews {
  readonly #times: LiveViewTimes
  readonly #shared: SharedViews<LiveView>
  readonly #open = new Map<EventStream, string>()
  #isStopping = false

  constructor(times: LiveViewTimes = defaultTimes) {
    this.#times = times
    this.#shared = new SharedViews({ everyMs: times.everyMs, pool: new LookupPool({ running: 2, waiting: most }) })
  }

  /** How many streams are open, and of how many subjects. */
  get size(): { readonly streams: number; readonly subjects: number } {
    return { streams: this.#open.size, subjects: this.#shared.size }
  }

  /** Throws where there are too many already. */
  assertRoomFor(tokenId: string): void {
    if (this.#isStopping || this.#open.size >= most) throw new Refusal('too_many_streams')
    const ofToken = [...this.#open.values()].filter((each) => each === tokenId).length
    if (ofToken < mostOfToken) return
    const detail = `At most ${mostOfToken} live views of one access token are open at a time`
    throw new Refusal('rate_limit_exceeded', { detail, exceeded: { limit: mostOfToken, retryAfterSeconds } })
  }

  open(viewer: ViewerPorts): void {
    const { stream, tokenId, subject } = viewer
    this.#open.set(stream, tokenId)
    const watching = new Viewer(viewer, this.#times)
    const leave = this.#shared.watch(subject, (view) => void watching.show(view), viewer.make)
    stream.body.once('close', () => {
      leave()
      this.#open.delete(stream)
    })
  }

  /** A reader that does not take the end is not waited for. */
  stop(): void {
    this.#isStopping = true
    for (const stream of this.#open.keys()) {
      if (stream.isDrained) stream.end()
      else stream.cut()
    }
  }
}

/** One stream, from view to view. */
class Viewer {
  readonly #ports: ViewerPorts
  readonly #times: LiveViewTimes
  readonly #beganMs = performance.now()
  #sentMs = Number.NEGATIVE_INFINITY
  #drainedMs = performance.now()
  #gist = ''
  #isJudging = false

  constructor(ports: ViewerPorts, times: LiveViewTimes) {
    this.#ports = ports
    this.#times = times
  }

  async show(view: LiveView | null | 'gone'): Promise<void> {
    const { stream } = this.#ports
    if (stream.isOver || this.#isJudging) return
    if (!stream.isDrained) return this.#waitForReader()
    const nowMs = performance.now()
    this.#drainedMs = nowMs
    if (view === 'gone' || nowMs - this.#beganMs >= this.#times.lifeMs) return stream.end()
    const allowed = await this.#judge()
    if (stream.isOver || allowed === 'later' || view === null) return
    if (allowed === 'no') return stream.end()
    if (view.gist === this.#gist && nowMs - this.#sentMs < this.#times.repeatMs) return
    if (!this.#ports.isStillSo()) return
    stream.send('cutover', view.id, view.data)
    this.#sentMs = nowMs
    this.#gist = view.gist
  }

  #waitForReader(): void {
    if (performance.now() - this.#drainedMs >= this.#times.stalledMs) this.#ports.stream.cut()
  }

  async #judge(): Promise<'yes' | 'no' | 'later'> {
    this.#isJudging = true
    try {
      return await this.#ports.mayGoOn()
    } catch {
      return 'later'
    } finally {
      this.#isJudging = false
    }
  }
}
