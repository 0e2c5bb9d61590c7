import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** Colours of a stream: none where it is no terminal, or NO_COLOR is set (https://no-color.org). */
export function paint(stream: NodeJS.WritableStream, style: Style, text: string): string {
  const isTerminal = (stream as { isTTY?: boolean }).isTTY === true // sound: absent where it is none
  return isTerminal ? styleText(style, text, { stream, validateStream: true }) : text
}
