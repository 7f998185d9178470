/** A file as it should be. Path relative to the root of the repository. */
export interface GeneratedFile {
  path: string
  content: string
}
