import { run } from './run.ts'

const parameters = process.argv.slice(2)

// A reader that has seen enough (`| head`) is no failure. A server has requests to finish first.
if (parameters[0] !== 'serve') {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit()
  })
}

process.exitCode = await run(parameters, process)
