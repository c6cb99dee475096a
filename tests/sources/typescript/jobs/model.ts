export enum Status { Queued = "queued", Running = 'running' }
export enum Level { Low, Mid = 5, High }
export enum Made { One = "one", Two = build() }
export const Kind = { Crash: "crash", Oom: "oom" } as const;
export type Kind = (typeof Kind)[keyof typeof Kind];
export type Mode = "a" | "b";
const WAYS = ["x", "y"] as const;
export type Way = typeof WAYS[number];
const NAMES = ["x", "y"];
export type Text = typeof NAMES[number];

export interface Job {
  status: Status;
  level: Level;
  made: Made;
  kind: Kind;
  mode: Mode | null;
  way: Way;
  text: Text;
  hint?: string;
}
