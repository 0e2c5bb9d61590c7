import { describe, expect, it } from 'vitest'
import { eventData } from './event-stream.ts'

const encoder = new TextEncoder()

async function all(texts: readonly string[]): Promise<string[]> {
  const pieces = async function* () {
    // Letters of several bytes are cut as well.
    for (const text of texts) for (const byte of encoder.encode(text)) yield new Uint8Array([byte])
  }
  const found: string[] = []
  for await (const data of eventData(pieces(), 'cutover')) found.push(data)
  return found
}

describe('a stream of events', () => {
  it('gives the data of each event of its name, however it is cut into pieces', async () => {
    const text =
      'retry: 2000\n\nid: 1\nevent: cutover\ndata: {"a":"é: b"}\n\n: comment\n\nevent: other\ndata: x\n\nid: 2\nevent: cutover\ndata: 2\n\n'
    expect(await all([text])).toEqual(['{"a":"é: b"}', '2'])
  })

  it('leaves out an event that did not come whole', async () => {
    expect(await all(['event: cutover\ndata: 1\n\nevent: cutover\ndata: 2\n'])).toEqual(['1'])
  })
})
