import { ApiError, type CutoverClient } from '@cutover/client'
import type { LiveCutover } from '@cutover/contract'
import { useEffect, useState } from 'react'
import { useOpenSession } from '../../app/session-store.ts'
import { noticeRefusal } from '../../app/sessions.ts'

export interface Live {
  /** The last one that came; it stays while the stream is away. */
  readonly event: LiveCutover | null
  /** When it came, by the clock of this browser. */
  readonly receivedAtMs: number
  readonly connection: 'connecting' | 'live' | 'away'
  /** Why there is no stream and will be none: there is no such secret, say. */
  readonly refusal: unknown
}

const nothingYet: Live = { event: null, receivedAtMs: 0, connection: 'connecting', refusal: null }
const pauseMs = 2000

/** The server tells something every 15 s at least: a connection on which nothing comes is dead. */
const silenceMs = 40_000

/** Comes back by itself, whatever broke it, and says so meanwhile. */
export function useCutoverStream(id: string): Live {
  const { client } = useOpenSession()
  const [live, setLive] = useState(nothingYet)
  useEffect(() => {
    const gone = new AbortController()
    setLive(nothingYet)
    void follow(client, id, gone.signal, (change) => {
      if (!gone.signal.aborted) setLive((before) => ({ ...before, ...change }))
    })
    return () => gone.abort()
  }, [client, id])
  return live
}

async function follow(client: CutoverClient, id: string, gone: AbortSignal, tell: (change: Partial<Live>) => void) {
  while (!gone.aborted) {
    try {
      await followOnce(client, id, gone, tell)
    } catch (error) {
      if (gone.aborted) return
      tell({ connection: 'away' })
      noticeRefusal(error)
      if (isFinal(error)) return tell({ refusal: error })
    }
    await pause(pauseMs, gone)
  }
}

/** One stream, until it ends; the server ends each after a while. */
async function followOnce(client: CutoverClient, id: string, gone: AbortSignal, tell: (change: Partial<Live>) => void) {
  const silent = new AbortController()
  const listen = () => setTimeout(() => silent.abort(new Error('Nothing came')), silenceMs)
  let timer = listen()
  try {
    const signal = AbortSignal.any([gone, silent.signal])
    for await (const event of client.identitySecrets.liveCutover(id, { signal })) {
      clearTimeout(timer)
      timer = listen()
      tell({ event, receivedAtMs: Date.now(), connection: 'live' })
    }
  } finally {
    clearTimeout(timer)
  }
}

function isFinal(error: unknown): boolean {
  return error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429
}

function pause(ms: number, gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    gone.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
