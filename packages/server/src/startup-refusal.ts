/** Why the server does not start: one line for the operator, which says what to do. */
export class StartupRefusal extends Error {
  override readonly name = 'StartupRefusal'
}
