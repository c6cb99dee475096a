export { Job as Work, Status } from "./model";
export * from "./model";
