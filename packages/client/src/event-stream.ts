/** The data of each event of this name in a stream of server-sent events (WHATWG HTML, section 9.2), until it ends. */
export async function* eventData(pieces: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let received = ''
  for await (const piece of pieces) {
    const blocks = (received + decoder.decode(piece, { stream: true })).split('\n\n')
    received = blocks.pop() ?? ''
    for (const block of blocks) {
      const lines = block.split('\n').map((line) => /^([a-z]+): ?(.*)$/.exec(line))
      const fields = (field: string) => lines.filter((line) => line?.[1] === field).map((line) => line?.[2] ?? '')
      if (fields('event')[0] === name) yield fields('data').join('\n')
    }
  }
}
