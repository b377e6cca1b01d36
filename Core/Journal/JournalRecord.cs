using System.Text.Json.Serialization;

namespace Factory.Core.Journal;

/// <summary>One line of a run's journal, metrics.jsonl. Its kind stands under <c>record</c>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "record")]
[JsonDerivedType(typeof(HeaderRecord), "header")]
[JsonDerivedType(typeof(StepRecord), "step")]
[JsonDerivedType(typeof(ValidationRecord), "validation")]
[JsonDerivedType(typeof(SampleRecord), "sample")]
[JsonDerivedType(typeof(EventRecord), "event")]
public abstract record JournalRecord;
