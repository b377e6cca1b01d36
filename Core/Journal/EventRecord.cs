namespace Factory.Core.Journal;

/// <summary>Something that happened to a run.</summary>
/// <param name="Step">Updates done.</param>
/// <param name="Kind">"resumed", "extended", "spike", "diverged", "early_stop", "time_limit" or "finished".</param>
/// <param name="Message">One line for people.</param>
public sealed record EventRecord(long Step, string Kind, string Message) : JournalRecord;
