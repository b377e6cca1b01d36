namespace Factory.Trainer.FineTuning;

/// <summary>Who speaks.</summary>
public enum ChatRole
{
    System,
    User,
    Assistant,
}
