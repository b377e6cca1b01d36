namespace Factory.Core.Journal;

/// <summary>Text that the model wrote during training.</summary>
/// <param name="Step">Updates done.</param>
public sealed record SampleRecord(long Step, string Prompt, string Text) : JournalRecord;
