namespace Factory.Core.Machine;

/// <summary>One line of a doctor's report.</summary>
/// <param name="Subject">What was looked at: "GPU".</param>
/// <param name="Found">What is there: versions, paths, numbers.</param>
/// <param name="Advice">What to do about what is missing; null where nothing is.</param>
/// <param name="Fails">Whether the program cannot work like this.</param>
public sealed record Finding(string Subject, string Found, string? Advice = null, bool Fails = false);
