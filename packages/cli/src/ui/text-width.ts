import { stripVTControlCharacters } from 'node:util'

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** East Asian wide and full-width characters, and emoji: two columns each. */
const wide =
  /\ufe0f|[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u

/** How many columns of a terminal a text takes; colours take none. */
export function widthOf(text: string): number {
  let width = 0
  for (const { segment } of graphemes.segment(stripVTControlCharacters(text))) width += widthOfGrapheme(segment)
  return width
}

/** At most `width` columns; what was cut off shows as an ellipsis. */
export function shorten(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let left = width - 1
  let kept = ''
  for (const { segment } of graphemes.segment(text)) {
    left -= widthOfGrapheme(segment)
    if (left < 0) break
    kept += segment
  }
  return `${kept.trimEnd()}…`
}

function widthOfGrapheme(grapheme: string): number {
  if (/^[\p{Mn}\p{Me}]+$/u.test(grapheme)) return 0
  return wide.test(grapheme) ? 2 : 1
}
