namespace Factory.Core.Disk;

/// <summary>Another process is writing what was to be written; it is refused at once, and neither spoils the other's work.</summary>
/// <param name="path">What both want to write.</param>
public sealed class BusyError(string path) : UserError($"{path}: expected to be its only writer, found another process at it. Wait for that to end, or choose another name.");
