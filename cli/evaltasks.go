package cli

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/datasets"
	"github.com/vlmchat/vlmchat/tasks"
)

func evalCaptionCommand(a *app) *cobra.Command {
	cmd, flags := a.evalTask(datasets.Caption, "Score captions: BLEU, METEOR, ROUGE-L, CIDEr, SPICE")
	cmd.Long = `Each picture is captioned in a line of at most 50 tokens, with temperature 0, and the captions
are compared with those that people wrote.

With -o the answers are kept in a folder beside the report, and the same command goes on where
it was interrupted.`
	cmd.Example = `  vlmchat eval caption --data captions.jsonl
  vlmchat eval caption --data captions.jsonl -o runs/tiny       keep answers and report
  vlmchat eval caption --data captions.jsonl --limit 3 --json
  vlmchat eval caption --data captions.jsonl --predictions runs/tiny`
	f := cmd.Flags()
	flags.addAsked(f)
	flags.addChanged(f)
	flags.addRun(f)
	f.StringVar(&flags.meteor, "meteor", "", "folder that has the reference METEOR's data, such as pycocoevalcap's meteor (synonyms and paraphrases)")
	f.StringVar(&flags.spice, "spice", "", "jar of the reference SPICE, or its folder, such as pycocoevalcap's spice; it takes Java")
	addSettingsBut(f, slices.Concat(ofChat, ofKept, []string{config.Preview})...)
	return cmd
}

func evalVQACommand(a *app) *cobra.Command {
	cmd, flags := a.evalTask(datasets.VQA, "Score answers to questions: VQA accuracy")
	cmd.Long = `Each question is asked for a short answer with temperature 0, which is compared with those that
people gave as the VQA challenge does it. A question with choices is answered by which of them
the model is likeliest to say, where its engine tells that.

With -o the answers are kept in a folder beside the report, and the same command goes on where
it was interrupted.`
	cmd.Example = `  vlmchat eval vqa --data questions.jsonl
  vlmchat eval vqa --data questions.jsonl -o runs/tiny          keep answers and report
  vlmchat eval vqa --data questions.jsonl -p "{question} Answer with one word."
  vlmchat eval vqa --data questions.jsonl --augment --limit 4   how robust it is
  vlmchat eval vqa --data questions.jsonl --tiles 2x2 --limit 4   what tiles gain or cost
  vlmchat eval vqa --data questions.jsonl --shots 2 --shot-data train.jsonl
  vlmchat eval vqa --data questions.jsonl --predictions given.jsonl`
	f := cmd.Flags()
	f.StringVar(&flags.questions, "questions", "", "VQAv2's file of questions (default: beside that of the answers)")
	flags.addAsked(f)
	flags.addChanged(f)
	flags.addRun(f)
	addSettingsBut(f, slices.Concat(ofChat, ofKept, []string{config.Preview})...)
	return cmd
}

func evalClassifyCommand(a *app) *cobra.Command {
	cmd, flags := a.evalTask(datasets.Classify, "Score labels: top-1 and top-5 accuracy")
	cmd.Long = `Each picture is classified as 'vlmchat classify' does it: by an encoder (--encoder), or by how
likely a chat model (-m) is to answer with each label.`
	cmd.Example = `  vlmchat eval classify --data labels.jsonl
  vlmchat eval classify --data labels.jsonl --template "a picture of a {}." --augment
  vlmchat eval classify --data labels.jsonl -m gemma-3-4b.gguf -o runs/gemma`
	f := cmd.Flags()
	f.StringArrayVar(&flags.sentences, "template", nil, fmt.Sprintf("sentence about a label, with {} for it, for encoders; may be repeated, @FILE has one on each line (default %q)", tasks.DefaultTemplate))
	f.BoolVar(&flags.noCalibration, "no-calibration", false, "of a chat model: don't take off what it says of a blank picture")
	flags.addAugment(f)
	flags.addRun(f)
	addSettingsBut(f, slices.Concat(ofChat, ofKept, ofAsking, namesOf(config.Sampling), []string{config.Preview, config.MaxPixels})...)
	return cmd
}

func evalRetrievalCommand(a *app) *cobra.Command {
	cmd, flags := a.evalTask(datasets.Retrieval, "Score searches, of pictures by texts and back: recall, MRR, mAP")
	cmd.Long = `All pictures and captions of the dataset are encoded (--encoder), each caption searches among the
pictures for its own, and each picture among the captions for those that belong to it.`
	cmd.Example = `  vlmchat eval retrieval --data captions.jsonl
  vlmchat eval retrieval --data captions.jsonl --encoder clip-vit-base-patch32 -o runs/clip`
	f := cmd.Flags()
	flags.addAugment(f)
	flags.addRun(f)
	addSettings(f, ofEncoders...)
	return cmd
}

func evalPerplexityCommand(a *app) *cobra.Command {
	cmd, flags := a.evalTask(datasets.Perplexity, "Score how well a model predicts the texts about pictures")
	cmd.Long = `Of the texts of each picture the log-probability is asked, given the picture and the prompt, and
once more with a blank picture: the difference is what the picture tells of them.`
	cmd.Example = `  vlmchat eval perplexity --data captions.jsonl --limit 4
  vlmchat eval perplexity --data captions.jsonl -p "Describe this image."`
	f := cmd.Flags()
	flags.addAsked(f)
	flags.addChanged(f)
	flags.addRun(f)
	addSettingsBut(f, slices.Concat(ofChat, ofKept, ofWriting, namesOf(config.Sampling), []string{config.Preview})...)
	return cmd
}

// ofWriting are the settings of answers that are written: of a text whose likelihood is asked
// there are none.
var ofWriting = []string{config.Temperature, config.TopP, config.MaxTokens, config.Seed, config.Thinking}

// evalTask makes the command of a task, with the flags that all have.
func (a *app) evalTask(task datasets.Task, short string) (*cobra.Command, *evalFlags) {
	flags := &evalFlags{task: task}
	cmd := &cobra.Command{
		Use:   string(task) + " --data FILE",
		Short: short,
		Args:  flags.noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			flags.hasPrompt = cmd.Flags().Changed("prompt")
			return a.eval(cmd.Context(), *flags)
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.data, "data", "", "the dataset: COCO's, VQAv2's or Karpathy's JSON, JSONL, or a folder")
	f.StringVar(&flags.images, "images", "", "folder of the pictures (default: that of the dataset)")
	f.StringVar(&flags.split, "split", "", `of a dataset that has several: "test", "val" (default: test)`)
	f.IntVar(&flags.limit, "limit", 0, "ask about the first items alone, so many")
	f.StringVar(&flags.predictions, "predictions", "", "score the answers in this file, or in the folder of a run, and ask nothing")
	f.StringVarP(&flags.output, "output", "o", "", "folder of answers, report.json and report.html; a run that finds its answers goes on with them")
	f.BoolVar(&flags.json, "json", false, "print the report as a JSON object")
	f.SortFlags = false
	return cmd, flags
}
