import { describe, expect, it } from 'vitest'
import { NetworkError } from './errors.ts'
import { eventData } from './event-stream.ts'

const encoder = new TextEncoder()

/** An answer whose body comes in these pieces, and then ends or breaks. */
function streamOf(pieces: readonly string[], error?: Error): Response {
  return new Response(
    new ReadableStream({
      start(controller) {
        for (const piece of pieces) controller.enqueue(encoder.encode(piece))
        if (error) controller.error(error)
        else controller.close()
      },
    }),
  )
}

async function all(response: Response): Promise<string[]> {
  const found: string[] = []
  for await (const data of eventData(response, 'cutover')) found.push(data)
  return found
}

describe('a stream of events', () => {
  it('gives the data of each event of its name, however it is cut into pieces', async () => {
    const text =
      'retry: 2000\n\nid: 1\nevent: cutover\ndata: {"a":"é: b"}\n\n: comment\n\nevent: other\ndata: x\n\nid: 2\nevent: cutover\ndata: 2\n\n'
    expect(await all(streamOf([text]))).toEqual(['{"a":"é: b"}', '2'])
    expect(await all(streamOf([...text]))).toEqual(['{"a":"é: b"}', '2'])
  })

  it('leaves out an event that did not come whole', async () => {
    expect(await all(streamOf(['event: cutover\ndata: 1\n\nevent: cutover\ndata: 2\n']))).toEqual(['1'])
  })

  it('that breaks off is a NetworkError', async () => {
    await expect(all(streamOf([], new Error('gone')))).rejects.toThrow(NetworkError)
  })
})
