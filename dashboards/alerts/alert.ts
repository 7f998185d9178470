/** A condition that somebody has to be told of, and how the rule is shown to be right. */
export interface Alert {
  /** The subject first; the runbook `docs/runbooks/NAME.md` bears it. */
  name: string
  /** critical: look now, nights included; warning: look today. */
  severity: 'critical' | 'warning'
  /** Each series that the expression gives is one alert. */
  expr: string
  /** How long it has to hold, as Prometheus writes durations. */
  for: string
  /** One sentence, with labels alone: `{{ $labels.queue }}`. */
  summary: string
  /** What is the matter, with the value. */
  description: string
  examples: readonly AlertExample[]
}

/** Series as time passes, and what the rule makes of them; promtool has the last word. */
export interface AlertExample {
  /** A sentence that is true. */
  name: string
  /** By selector, the values of each minute in promtool's notation: `0x9`, `1+2x30`. */
  series: Readonly<Record<string, string>>
  /** When to look, as Prometheus writes durations. */
  at: string
  firing: readonly { labels: Readonly<Record<string, string>>; description: string }[]
}

/** An expression that several rules share, kept as a series of its own: `level:metric:operations`. */
export interface Recording {
  name: string
  expr: string
  meaning: string
}
