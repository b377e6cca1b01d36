namespace Factory.Trainer.Texts;

/// <summary>A document or, of a long one, some of its lines.</summary>
/// <param name="Opens">The section begins its document.</param>
/// <param name="Closes">The section ends its document.</param>
internal readonly record struct TextSection(string Text, bool Opens, bool Closes);
