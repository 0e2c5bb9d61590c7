import { Command } from 'commander'
import { auditCommand } from './commands/audit/audit.ts'
import { completionCommand } from './commands/completion.ts'
import { diagnoseCommand } from './commands/diagnose.ts'
import { doctorCommand } from './commands/doctor.ts'
import { integratorsCommand } from './commands/integrators/integrators.ts'
import { backupCommand } from './commands/local/backup.ts'
import { masterKeyCommand } from './commands/local/master-key.ts'
import { loginCommand } from './commands/login.ts'
import { logoutCommand } from './commands/logout.ts'
import { rotateCommand } from './commands/rotate.ts'
import { scanCommand } from './commands/scan.ts'
import { secretsCommand } from './commands/secrets/secrets.ts'
import { serveCommand } from './commands/serve.ts'
import { settingsCommand } from './commands/settings.ts'
import { signCommand } from './commands/sign.ts'
import { tokensCommand } from './commands/tokens/tokens.ts'
import { verifyCommand } from './commands/verify.ts'
import { whoamiCommand } from './commands/whoami.ts'
import { workspacesCommand } from './commands/workspaces.ts'
import type { Terminal } from './terminal.ts'

/** Every command. Each file of `commands/` makes one, with its subcommands. */
const commands: readonly ((terminal: Terminal) => Command)[] = [
  loginCommand,
  rotateCommand,
  signCommand,
  verifyCommand,
  scanCommand,
  auditCommand,
  completionCommand,
  diagnoseCommand,
  doctorCommand,
  integratorsCommand,
  logoutCommand,
  secretsCommand,
  settingsCommand,
  tokensCommand,
  whoamiCommand,
  workspacesCommand,
  serveCommand,
  backupCommand,
  masterKeyCommand,
]

export function buildProgram(terminal: Terminal): Command {
  const program = new Command('cutover')
    .description('Issue, rotate, watch and delete the secrets that other people sign with.')
    .version('0.1.0', '-V, --version')
    .showHelpAfterError('(cutover --help shows what there is)')
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 failed, 2 usage, 3 refused by a guard, 4 not reachable.\n' +
        'Where: --url, else CUTOVER_URL, else what `cutover login` saved, else\n' +
        'http://127.0.0.1:8080.',
    )
  for (const command of commands) program.addCommand(command(terminal))
  return inherit(program, terminal)
}

/** Settings that commander does not hand down to commands that were made on their own. */
function inherit(command: Command, terminal: Terminal): Command {
  command
    .configureHelp({ subcommandTerm })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
      getOutHelpWidth: () => terminal.stdout.columns ?? 80,
      getErrHelpWidth: () => terminal.stderr.columns ?? 80,
    })
  for (const subcommand of command.commands) inherit(subcommand, terminal)
  return command
}

/** Without its aliases, and that it has options: every command has. */
function subcommandTerm(command: Command): string {
  return [
    command.name(),
    ...command.registeredArguments.map((each) => (each.required ? `<${each.name()}>` : `[${each.name()}]`)),
  ].join(' ')
}
