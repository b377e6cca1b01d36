namespace Factory.Evals.Prompts;

/// <summary>How questions were put as conversations: part of a report's provenance.</summary>
/// <param name="TemplateSha256">Of the chat template's text.</param>
/// <param name="FewshotAsMultiturn">Whether examples were turns of their own.</param>
public sealed record ChatFacts(string TemplateSha256, bool FewshotAsMultiturn);
