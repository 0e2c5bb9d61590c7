import { NetworkError } from './errors.ts'

/**
 * The data of each event of this name in a stream of server-sent events (WHATWG HTML, section 9.2), until it ends.
 * @throws NetworkError when it breaks off
 */
export async function* eventData(response: Response, name: string): AsyncGenerator<string> {
  for await (const block of blocksOf(response)) {
    const lines = block.split('\n').map((line) => /^([a-z]+): ?(.*)$/.exec(line))
    const fields = (field: string) => lines.filter((line) => line?.[1] === field).map((line) => line?.[2] ?? '')
    if (fields('event')[0] === name) yield fields('data').join('\n')
  }
}

async function* blocksOf(response: Response): AsyncGenerator<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let received = ''
  try {
    for (;;) {
      const { done, value } = (await reader?.read().catch(brokenOff)) ?? { done: true, value: '' }
      if (done) return
      const blocks = (received + value).split('\n\n')
      received = blocks.pop() ?? ''
      yield* blocks
    }
  } finally {
    await reader?.cancel().catch(() => {})
  }
}

function brokenOff(cause: unknown): never {
  throw new NetworkError('The stream broke off', { cause })
}
