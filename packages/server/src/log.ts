import { type Logger, pino } from 'pino'

/** One JSON line for each entry, on stderr; stdout is for the person who started the process. */
export function makeLogger(level: string): Logger {
  return pino(loggerOptions(level), pino.destination({ dest: 2, sync: true }))
}

/** One JSON line for each value, on stdout. Goes on in silence when nobody reads them any more. */
export function makeLinePrinter(): (value: object) => void {
  const stdout = pino.destination({ dest: 1, sync: true })
  return (value) => void stdout.write(`${JSON.stringify(value)}\n`)
}

export function loggerOptions(level: string) {
  return { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err: loggedError } }
}

/**
 * What a log line may tell of an error. Libraries hang more on theirs, a row's values among it: a list of what is
 * allowed fails closed.
 */
function loggedError(error: unknown): object {
  if (!(error instanceof Error)) return { message: 'something that is no error was thrown' }
  const { name, message, stack, cause } = error
  const { code } = error as { code?: unknown }
  return {
    name,
    message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(stack ? { stack } : {}),
    ...(cause === undefined ? {} : { cause: loggedError(cause) }),
  }
}
