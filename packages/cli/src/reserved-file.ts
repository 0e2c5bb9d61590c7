import { type FileHandle, open, unlink } from 'node:fs/promises'
import { failed } from './failure.ts'
import { reasonOf } from './private-file.ts'

/**
 * A new file for its owner alone (0600), made before what it is to hold: a secret that could not be kept is never made.
 */
export class ReservedFile {
  readonly path: string
  readonly #file: FileHandle

  private constructor(path: string, file: FileHandle) {
    this.path = path
    this.#file = file
  }

  static async reserve(path: string): Promise<ReservedFile> {
    try {
      return new ReservedFile(path, await open(path, 'wx', 0o600))
    } catch (error) {
      const exists = (error as NodeJS.ErrnoException).code === 'EEXIST'
      throw exists
        ? failed(`${path} exists already, and is left as it is`, { hint: 'choose another file for --out' })
        : failed(`${path} cannot be written: ${reasonOf(error)}`, { cause: error })
    }
  }

  async fill(content: string): Promise<void> {
    try {
      await this.#file.writeFile(content)
      await this.#file.sync()
      await this.#file.close()
    } catch (error) {
      throw failed(`${this.path} cannot be written: ${reasonOf(error)}`, {
        hint: 'what was just made is in no other place: delete it, and make another one',
        cause: error,
      })
    }
  }

  async giveUp(): Promise<void> {
    await this.#file.close()
    await unlink(this.path)
  }
}
