/** What is kept as it is, wherever in a name it stands. */
const harmlessPieces = [
  // JSON, HTML, SQL, shells, templates (their dollar escaped, for the linter), formats, paths
  '"',
  '\\',
  '\\"',
  '\\u0000',
  '\\n',
  '"}],"x":[{"',
  '","secret":"',
  "'; DROP TABLE signing_secrets; --",
  "' OR '1'='1",
  'Robert"); DELETE FROM audit_log; --',
  '$1',
  '?',
  '%',
  '_',
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '<!--',
  ']]>',
  '&amp;&#0;',
  '\x24{7*7}',
  '{{constructor.constructor("return process")()}}',
  '\x24{jndi:ldap://127.0.0.1/a}',
  '%s%n%x%d',
  '%00',
  '%0d%0a',
  '$(reboot)',
  '`id`',
  '| cat',
  '=cmd|"/c calc"!A1',
  '../../etc/passwd',
  'C:\\CON',
  '[31mred',
  // names that mean something to JavaScript
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'null',
  'undefined',
  'NaN',
  'true',
  '1e400',
  '-0',
  '[object Object]',
  // right-to-left, combining, joined, invisible, wide
  'שלום',
  'مرحبا بالعالم',
  '﷽',
  '\u200f',
  '\u200e',
  '\u061c',
  'e\u0301',
  'é',
  'Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324',
  'Å\u212b',
  'ﬃ',
  'İıſK',
  'ß',
  '👩‍👩‍👧‍👦',
  '🏳️‍🌈',
  '🇩🇪',
  '👍🏽',
  '𝔘𝔫𝔦',
  '\u{10ffff}',
  '\u{e0001}',
  '\ufffd',
  '\ufffe\uffff',
  '\ufff9',
  '\u200b',
  '\u200c\u200d',
  '\u2060',
  '\u00ad',
  '\ue000',
  '漢字かなハングル',
  'ｆｕｌｌ',
] as const

/** What a name may not hold: controls, separators of lines, overrides of direction, halves of surrogate pairs. */
const refusedPieces = [
  ...range(0x00, 0x1f),
  ...range(0x7f, 0x9f),
  '\u2028',
  '\u2029',
  ...range(0x202a, 0x202e),
  ...range(0x2066, 0x2069),
  '\ud800',
  '\udbff',
  '\udc00',
  '\udfff',
  '\ude00\ud83d',
  '\u001b[31mred\u001b[0m',
  '\u001b]0;title\u0007',
  '\r\nSet-Cookie: a=b',
  '\n{"level":30,"msg":"forged"}',
]

export interface HostileName {
  readonly sent: string
  /** How it comes back, or why it is refused. */
  readonly expected: { readonly kept: string } | { readonly refused: string }
}

/** Hundreds of names that break something somewhere, each with what has to become of it. */
export function hostileNames(): readonly HostileName[] {
  return [
    ...harmlessPieces.flatMap((piece) => inEveryPlace(piece)),
    ...refusedPieces.flatMap((piece) => [invalid(`a${piece}b`), invalid(`שלום ${piece} 👍`)]),
    ...['', ' ', '\t\r\n', '\u00a0\u3000\ufeff\u2028'].map((sent) => ({
      sent,
      expected: { refused: 'name is required' },
    })),
    ...['x', 'é', '👍', '漢', '"', '\u200b'].flatMap((character) => [
      kept(character.repeat(255)),
      { sent: `  ${character.repeat(255)}\n`, expected: { kept: character.repeat(255) } },
      invalid(character.repeat(256)),
      invalid(character.repeat(300)),
    ]),
  ]
}

function inEveryPlace(piece: string): HostileName[] {
  const padded = `\ufeff\t ${piece} \u00a0\r\n`
  return [
    kept(piece),
    kept(`a${piece}`),
    kept(`${piece}a`),
    kept(`${piece} ${piece}`),
    { sent: padded, expected: { kept: piece } },
  ]
}

function kept(name: string): HostileName {
  return { sent: name, expected: { kept: name } }
}

function invalid(name: string): HostileName {
  return { sent: name, expected: { refused: 'name is invalid' } }
}

function range(first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, offset) => String.fromCodePoint(first + offset))
}
