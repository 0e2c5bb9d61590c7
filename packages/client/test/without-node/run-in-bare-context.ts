import { readFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { relative, resolve } from 'node:path'
import { createContext, type Module, SourceTextModule } from 'node:vm'

// Node with --experimental-vm-modules: loads the module of the first argument into a context that has what a browser
// has and nothing of Node, runs the program of the second one there, and prints what came of it with all that was loaded.
const [entry = '', program = '', baseUrl = '', token = ''] = process.argv.slice(2)

/** Standards of the web that browsers, Deno and Node share. ECMAScript's own are in every context. */
const { AbortController, AbortSignal, clearTimeout, console, crypto, fetch, Headers, performance } = globalThis
const { Response, setTimeout, TextDecoder, URL, URLSearchParams } = globalThis
const web = {
  ...{ AbortController, AbortSignal, clearTimeout, console, crypto, fetch, Headers, performance },
  ...{ Response, setTimeout, TextDecoder, URL, URLSearchParams },
}

const context = createContext({ ...web, baseUrl, token })
const loaded = new Map<string, Promise<SourceTextModule>>()

function load(path: string): Promise<SourceTextModule> {
  const known = loaded.get(path)
  if (known) return known
  const module = readFile(path, 'utf8').then(
    (text) => new SourceTextModule(stripTypeScriptTypes(text), { context, identifier: path }),
  )
  loaded.set(path, module)
  return module
}

function link(specifier: string, { identifier }: Module): Promise<SourceTextModule> {
  if (!/^\.\.?\//.test(specifier)) throw new Error(`${identifier} imports ${specifier}`)
  return load(resolve(identifier, '..', specifier))
}

const client = await load(resolve(entry))
const main = new SourceTextModule(program, { context, identifier: resolve('program.ts') })
await main.link(async (specifier, from) => (specifier === 'client' ? client : link(specifier, from)))
await main.evaluate()
// Sound: the program exports it.
const { result } = main.namespace as { result: unknown }
const modules = [...loaded.keys()].map((path) => relative(resolve(entry, '..'), path)).sort()
console.log(JSON.stringify({ result, modules }))
