namespace Factory.Trainer.Texts;

/// <summary>One --input: some files, and how often their documents are taken.</summary>
/// <param name="Name">As it was given, without the weight.</param>
/// <param name="Weight">Times that each document is trained on: 2 takes all twice, 0.5 half of them once, chosen by the hash of their text.</param>
/// <param name="Files">Arguments in their order, files of a directory by name; none of them twice.</param>
internal sealed record InputSource(string Name, double Weight, IReadOnlyList<string> Files);
