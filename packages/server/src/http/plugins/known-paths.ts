import type { FastifyInstance } from 'fastify'

interface KnownPath {
  readonly pattern: RegExp
  readonly methods: Set<string>
}

/** The paths that have a route, so that a wrong method can be told from a wrong path. */
export class KnownPaths {
  readonly #paths = new Map<string, KnownPath>()

  constructor(app: FastifyInstance) {
    app.addHook('onRoute', ({ url, method }) => {
      const known = this.#paths.get(url) ?? { pattern: patternOf(url), methods: new Set<string>() }
      for (const each of [method].flat()) known.methods.add(each)
      this.#paths.set(url, known)
    })
  }

  /** The methods of the path of `url`, or `null` when no route has it. */
  methodsOf(url: string): readonly string[] | null {
    const [path = ''] = url.split('?', 1)
    const methods = [...this.#paths.values()]
      .filter(({ pattern }) => pattern.test(path))
      .flatMap(({ methods }) => [...methods])
    return methods.length === 0 ? null : [...new Set(methods)].sort()
  }
}

/** `/a/:id` and `/a/*` as expressions; the segments of our own routes need no escaping but for the dot. */
function patternOf(url: string): RegExp {
  const source = url
    .replaceAll('.', '\\.')
    .replaceAll(/:[A-Za-z]+/g, '[^/]+')
    .replaceAll('*', '.*')
  return new RegExp(`^${source}$`)
}
