# Keeps a copy of lists of the partnership's API: whole the first time, and then each night what has changed.
#
#   COMMISSIONING_API=https://HOST/api/v1/     the address, to /api/v1/
#   COMMISSIONING_KEY=...                      a key that reads the lists; in .Renviron or from your scheduler's secrets
#   Rscript copy_with_r.R FOLDER rates placements spend
#   Rscript copy_with_r.R FOLDER rates placements spend --check      hold the copy against the lists, once a week
#
# For each list the folder holds NAME.rds: its rows and the watermark that the next night begins with. It is replaced
# when everything has been read, so that a night that is cut off leaves the one before. In R:
#
#   source("copy_with_r.R"); rates <- as_frame(kept("FOLDER", "rates")$rows)
#
# Needs R 4.1 and jsonlite. Base R cannot read the header Retry-After: a service that is busy is asked again after 2, 4,
# 8, 16 and then each 30 seconds. Quits with 0: all kept; 1: a check found the copy wrong, and put it right; 2: not read.

library(jsonlite)

address <- function() sub("/*$", "/", Sys.getenv("COMMISSIONING_API"))
host_of <- function(url) sub("^([a-z]+://[^/]+).*$", "\\1", url)

read_page <- function(url) {
  if (host_of(url) != host_of(address())) stop(url, " is not an address of ", address())
  busy <- "status was '(429|502|503|504)"
  for (wait in c(2, 4, 8, 16, 30, 30, 30, 0)) {
    said <- NULL
    page <- tryCatch(
      {
        from <- url(url, headers = c(Authorization = paste("Bearer", Sys.getenv("COMMISSIONING_KEY"))))
        tryCatch(paste(readLines(from, warn = FALSE, encoding = "UTF-8"), collapse = "\n"), finally = close(from))
      },
      warning = function(problem) { said <<- conditionMessage(problem); NULL },
      error = function(problem) { said <<- conditionMessage(problem); NULL }
    )
    if (!is.null(page)) return(fromJSON(page, simplifyVector = FALSE))
    if (!grepl(busy, said) || wait == 0) stop(said)
    Sys.sleep(wait)
  }
}

# Hands each page to `each`, in order.
pages <- function(name, each, since = NULL) {
  url <- paste0(address(), name, "/?limit=1000", if (!is.null(since)) paste0("&updated_since=", since))
  while (!is.null(url)) {
    page <- read_page(url)
    each(page)
    url <- page[["next"]]
  }
}

# Rows by id, and the watermark. No watermark: the list is worked out each time it is asked, and read whole each time.
whole <- function(name) {
  found <- list()
  watermark <- NULL
  pages(name, function(page) {
    found[[length(found) + 1]] <<- page$results
    watermark <<- page$watermark
  })
  rows <- unlist(found, recursive = FALSE)
  if (is.null(rows)) rows <- list()
  names(rows) <- vapply(rows, function(row) row$id, "")
  list(rows = rows, watermark = watermark)
}

# The same after what has changed since: rows are put in place, removals taken away, in the order told.
changed <- function(name, copy) {
  rows <- copy$rows
  watermark <- copy$watermark
  pages(name, since = copy$watermark, each = function(page) {
    for (row in page$results) {
      if (!isTRUE(row$deleted)) {
        rows[[row$id]] <<- row
      } else if (identical(row$removes, "framework")) {
        rows <<- Filter(function(held) !identical(held$framework, row$id), rows)
      } else {
        rows[[row$id]] <<- NULL
      }
    }
    watermark <<- page$watermark
  })
  list(rows = rows, watermark = watermark)
}

file_of <- function(folder, name) file.path(folder, paste0(name, ".rds"))
kept <- function(folder, name) if (file.exists(file_of(folder, name))) readRDS(file_of(folder, name))

keep <- function(folder, name, copy) {
  dir.create(folder, showWarnings = FALSE, recursive = TRUE, mode = "0700") # it may tell of children: yours alone
  new <- paste0(file_of(folder, name), ".new")
  saveRDS(copy, new)
  file.rename(new, file_of(folder, name))
}

night <- function(folder, name) {
  held <- kept(folder, name)
  copy <- if (is.null(held$watermark)) whole(name) else tryCatch(
    changed(name, held),
    error = function(problem) { # a watermark of before a restore
      if (!grepl("status was '400", conditionMessage(problem))) stop(problem)
      message(name, ": the watermark is not known. Read whole again.")
      whole(name)
    }
  )
  keep(folder, name, copy)
  cat(sprintf("%s: %d rows, %d before\n", name, length(copy$rows), length(held$rows)))
}

same <- function(some, more) {
  length(some) == length(more) && setequal(names(some), names(more)) && identical(some[names(more)], more)
}

# Holds the copy against the list, row for row, and takes the list's where they differ.
check <- function(folder, name) {
  held <- kept(folder, name)
  fresh <- whole(name)
  for (again in 1:3) {
    if (same(held$rows, fresh$rows) || is.null(fresh$watermark)) break
    held <- changed(name, held)
    fresh <- changed(name, fresh)
  }
  keep(folder, name, fresh)
  right <- same(held$rows, fresh$rows)
  cat(sprintf("%s: checked, %d rows%s\n", name, length(fresh$rows), if (right) "" else "; the copy was wrong"))
  right
}

# A data frame of the rows: text, numbers and yes or no; a list inside a row is JSON in its cell. Money stays text, so
# that no penny is lost: as.numeric() where a sum may be rounded.
as_frame <- function(rows) {
  if (length(rows) == 0) return(data.frame())
  cell <- function(value) {
    if (is.null(value)) NA else if (is.list(value)) as.character(toJSON(value, auto_unbox = TRUE, null = "null")) else value
  }
  columns <- lapply(stats::setNames(nm = names(rows[[1]])), function(name) {
    unlist(lapply(rows, function(row) cell(row[[name]])), use.names = FALSE)
  })
  as.data.frame(columns, stringsAsFactors = FALSE, check.names = FALSE)
}

main <- function(given) {
  checks <- "--check" %in% given
  given <- setdiff(given, "--check")
  for (name in c("COMMISSIONING_API", "COMMISSIONING_KEY")) {
    if (!nzchar(Sys.getenv(name))) { message("Set ", name, "."); return(2) }
  }
  if (length(given) < 2) { message("Rscript copy_with_r.R FOLDER LIST ... [--check]"); return(2) }
  tryCatch({
    right <- TRUE
    for (name in given[-1]) {
      night(given[1], name)
      if (checks) right <- check(given[1], name) && right
    }
    if (right) 0 else 1
  }, error = function(problem) { message(conditionMessage(problem)); 2 })
}

if (sys.nframe() == 0L) quit(status = main(commandArgs(trailingOnly = TRUE)))
