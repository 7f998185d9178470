import type { PodRequest } from '../model/gang.ts'
import type { PendingReason } from '../model/pending.ts'
import { hasComeUp, type JobEntry } from './jobEntry.ts'

/** What the pods of a template really ask for, or why none of them can be. */
export type TemplateAnswer = PodRequest | PendingReason

/** A pod template in a namespace, and the jobs of it for which it matters what its pods ask for. */
export interface Template {
  readonly key: string
  answer: TemplateAnswer | null
  readonly jobs: Set<JobEntry>
}

/**
 * The templates of jobs that wait, or whose pods have not all come: between a template and its pods stand
 * LimitRanges, RuntimeClasses and admission, so what pods ask for is found out by trying one.
 */
export class TemplateBook {
  readonly #templates = new Map<string, Template>()
  /** To be tried, again perhaps; whoever tries them takes them out. */
  readonly untried = new Set<Template>()

  /** Puts the job where it belongs by now. @returns what is known of its template */
  follow(entry: JobEntry): TemplateAnswer | null {
    const key = matters(entry) ? entry.read?.templateKey : undefined
    if (entry.template !== null && entry.template.key !== key) this.#leave(entry, entry.template)
    if (key === undefined) return null
    const template = this.#templates.get(key) ?? this.#open(key)
    template.jobs.add(entry)
    entry.template = template
    return template.answer
  }

  /** Tried again as soon as possible: something has shown that the answer is no longer right. */
  doubt({ template }: JobEntry): void {
    if (template !== null) this.untried.add(template)
  }

  #open(key: string): Template {
    const template: Template = { key, answer: null, jobs: new Set() }
    this.#templates.set(key, template)
    this.untried.add(template)
    return template
  }

  #leave(entry: JobEntry, template: Template): void {
    entry.template = null
    template.jobs.delete(entry)
    if (template.jobs.size > 0) return
    this.#templates.delete(template.key)
    this.untried.delete(template)
  }
}

function matters(entry: JobEntry): boolean {
  const { read, tenantId } = entry
  if (read === null || tenantId === null || read.isOver || !read.isTriable) return false
  return read.isSuspended || !hasComeUp(entry)
}
